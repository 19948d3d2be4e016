"""Pipelines: from a topic through SmartStreams to a topic, continuously, and on from where they stopped."""
