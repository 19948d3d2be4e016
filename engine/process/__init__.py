"""Programs that this one starts: their limits, and their end. Not what they are started for."""
