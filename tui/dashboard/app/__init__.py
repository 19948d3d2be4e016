"""The Textual application itself: start and end, driver, theme, remembered state."""
