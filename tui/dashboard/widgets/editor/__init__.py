"""Editing a source beside its panes. Its file is in flow; $EDITOR, too."""
