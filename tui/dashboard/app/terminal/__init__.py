"""Input and output of the terminal, and what it shows. Nothing here knows a widget."""
