"""A pane's consumer: the loop that evaluates a window, its progress and state. Not beside a log: remote."""
