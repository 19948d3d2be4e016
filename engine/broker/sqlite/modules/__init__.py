"""Stored SmartStreams, in a folder of their own beside the log."""
