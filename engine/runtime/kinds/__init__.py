"""The kinds of SmartStream, one file each: the export, the bytes it writes, the evaluation made of them.

How a guest is called belongs to engine.runtime itself.
"""
