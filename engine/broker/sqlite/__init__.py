"""The embedded broker: topics of Arrow batches in one SQLite file.

The only code that opens the log's files.
"""
