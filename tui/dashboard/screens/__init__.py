"""Screens of the dashboard, one per file, and the actions of the dashboard that no single widget has."""
