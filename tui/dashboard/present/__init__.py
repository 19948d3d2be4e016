"""Snapshots as finished words and numbers: pure functions without Textual."""
