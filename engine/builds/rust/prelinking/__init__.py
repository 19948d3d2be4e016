"""Linking crates once, and a file with the result. engine.runtime.loading runs both."""
