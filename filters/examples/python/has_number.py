def filter(record):
    """Passes values that are more than digits."""
    return not all(character.isnumeric() for character in record.value)
