"""Appending records: their partition, and how fast. Brokers store them."""
