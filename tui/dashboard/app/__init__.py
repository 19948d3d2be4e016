"""Start and end of the app, themes, what is remembered between sessions. What it shows is in screens."""
