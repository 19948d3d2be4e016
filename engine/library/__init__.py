"""Checks of stored SmartStreams before they are kept or run. Brokers keep them, engine.runtime runs them."""
