LARGE = 100
"""Orders of at least this amount are large."""


def filter(record):
    """Passes large orders. A value that is not JSON is an error; other records are unaffected."""
    order = record.json()
    return isinstance(order, dict) and order.get("amount", 0) >= LARGE
