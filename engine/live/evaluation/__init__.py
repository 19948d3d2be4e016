"""The loop that evaluates a window with the newest version of a SmartStream, and what it has found."""
