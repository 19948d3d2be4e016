"""The embedded broker: one SQLite file and its side files, which nothing else opens."""
