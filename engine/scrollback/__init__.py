"""What came before a window: read from the log again, and judged, while a person scrolls back."""
