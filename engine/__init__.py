"""Brokers, builds, the runtime, pipelines, and what a dashboard drives. No terminal: that is tui."""

__version__ = "1.0.0"
