"""A position in a topic with a SmartStream that is replaced while it runs. Windows are engine.live."""
