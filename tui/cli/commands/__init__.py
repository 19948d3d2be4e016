"""One file for each noun or verb of the command line: its arguments and options.

The work is done in tui.cli.run.
"""
