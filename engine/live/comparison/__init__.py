"""Comparing what two builds, two panes, or a pane and its expectations make of the same records."""
