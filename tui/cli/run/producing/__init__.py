"""What only `produce` does: records of its input, where to continue. It appends with engine.producer."""
