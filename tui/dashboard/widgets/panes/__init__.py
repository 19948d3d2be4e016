"""Panes side by side: room, heads, tabs. Their rows are in widgets.rows, their words in present.panes."""
