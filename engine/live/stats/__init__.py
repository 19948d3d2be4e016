"""Rates, costs and printed lines of consumers over a window."""
