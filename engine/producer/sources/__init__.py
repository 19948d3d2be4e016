"""Where records come from: text lines, JSON lines, the demo's stream.

Nothing here knows a broker's storage.
"""
