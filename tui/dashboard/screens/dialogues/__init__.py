"""Dialogues, one file for each thing that they ask for. What follows is in screens.actions."""
