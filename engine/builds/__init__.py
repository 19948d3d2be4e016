"""Source files on their way to modules: builds and file watching.

What one language needs lives in a folder of its own.
"""
