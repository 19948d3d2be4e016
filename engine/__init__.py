"""Brokers, the builds and the runtime of SmartStreams, and what a dashboard drives; no terminal."""

__version__ = "1.0.0"
