"""Where produced records come from: lines, JSON, files, sample data. Nothing here appends but the demo."""
