"""Rows older than the window, re-read from the log and evaluated on demand."""
