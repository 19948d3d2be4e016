"""The newest records of a topic in memory: rows, search, export."""
