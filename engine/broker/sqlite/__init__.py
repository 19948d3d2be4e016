"""The embedded broker: topics of Arrow batches in one SQLite file. Nothing else opens its files."""
