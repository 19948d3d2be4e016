"""Editing a source beside its panes."""
