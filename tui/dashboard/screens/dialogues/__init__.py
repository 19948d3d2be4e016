"""Dialogues: each asks for one thing, over the dashboard."""
