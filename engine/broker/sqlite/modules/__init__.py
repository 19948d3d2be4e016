"""Stored SmartStreams in a folder beside the log. Nothing here runs them."""
