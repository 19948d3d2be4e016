import re

WORD = re.compile(r"[^\W_]+")


def array_map(record):
    """Splits lines into words. Each word is a record of its own, and its key is the word in lower case.

    An array_map makes any number of records of each.
    """
    for word in WORD.findall(record.value):
        yield {"key": word.lower(), "value": word}
