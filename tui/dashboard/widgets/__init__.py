"""Widgets of the dashboard, one per file: panes, the panels below them, and small parts of both."""
