"""One file for each noun or verb: its arguments, options and help. tui.cli.run does the work."""
