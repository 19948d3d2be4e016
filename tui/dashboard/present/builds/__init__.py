"""The words about builds and sources: history, differences, diagnostics. Drawing is in screens."""
