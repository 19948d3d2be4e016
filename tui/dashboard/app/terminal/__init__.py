"""The terminal: its input and output, what it shows, what it can do."""
