seen = set()


def is_new(record):
    """Whether a record names a city that no record before it has named."""
    if not record.value.startswith("{"):
        return False
    city = record.json().get("city")
    new = city is not None and city not in seen
    seen.add(city)
    return new


def look_back(record):
    """Looks at records that are stored already, before the first new one: `--look-back last=1000`."""
    is_new(record)


def filter(record):
    """Passes the first record of each city."""
    return is_new(record)
