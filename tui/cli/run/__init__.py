"""What commands do once their options are read.

Heavy imports are allowed here; commands import it when they run.
"""
