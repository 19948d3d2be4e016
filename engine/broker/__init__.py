"""Brokers keep topics: the interfaces. Each implementation lives in a folder of its own."""
