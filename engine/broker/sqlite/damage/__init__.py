"""What a log has lost: noticed when it is opened, found by reading it, salvaged."""
