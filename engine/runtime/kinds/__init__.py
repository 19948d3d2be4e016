"""The kinds of SmartStream, one file each. How a guest is called is in engine.runtime."""
