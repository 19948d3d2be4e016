"""Stored SmartStreams in a compacted topic, and noticing that they change."""
