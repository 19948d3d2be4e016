"""Producers: where records come from, their partitions and their rate. Storing them is the broker's part."""
