"""Panes side by side: how they share the room, their heads and tabs. Their rows are in `rows`."""
