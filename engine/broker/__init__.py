"""Keeping topics: the interfaces that every broker implements.

No implementation lives here but in a folder of its own.
"""
