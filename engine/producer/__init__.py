"""Getting records into a topic: choosing partitions and where records come from.

Storing them is the broker's part.
"""
