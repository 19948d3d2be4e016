"""From a source file or a stored module to a build. What one language needs is in its own folder."""
