"""What opens the dashboard for `watch` and `demo`: panes, topics, lines. Drawing is in tui.dashboard."""
