"""The Textual application itself: start and end, themes, remembered state."""
