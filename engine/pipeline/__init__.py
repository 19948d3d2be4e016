"""Outputs of one topic appended to another, with positions and dead letters. Nothing is shown or printed."""
