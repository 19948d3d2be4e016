"""The newest records in memory: rows, search, export. Older ones are in live.scrollback."""
