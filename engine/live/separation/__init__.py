"""What tells passed records from dropped ones: which field does, and with which of its values."""
