"""Programs that this one starts: within limits, and ended with all that they started."""
