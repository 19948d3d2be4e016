"""Rates, costs, printed lines and values of a version. What a pane says of them is in the dashboard."""
