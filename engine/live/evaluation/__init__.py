"""A pane's consumer: its evaluation loop, versions, verdicts, changes and builds. Not on SPUs."""
