"""Reading a topic through a SmartStream that is replaced while it runs.

Windows and panes belong to engine.live.
"""
