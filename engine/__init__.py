"""The embedded broker, the SmartStream builds and the SmartStream runtime; knows nothing of a terminal."""

__version__ = "1.0.0"
