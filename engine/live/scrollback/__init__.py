"""Records older than the window: read, evaluated and searched on demand. The window is live.window."""
