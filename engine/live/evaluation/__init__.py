"""A pane's consumer: the loop over a window, its progress and state. What it made is in live.versions."""
