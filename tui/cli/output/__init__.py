"""What commands print, and how. What is evaluated and when is in tui.cli.run."""
