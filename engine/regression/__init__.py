"""Expected results of a SmartStream: their files, and trial runs. tui.cli.output prints what came of them."""
