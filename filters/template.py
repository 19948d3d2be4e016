# A filter: a function that decides for each record whether the consumer gets it.
#
#   fluvio-tui watch TOPIC -f THIS_FILE                                see what passes while you edit
#   fluvio-tui consume TOPIC smartstream --inline-filter THIS_FILE     print what passes
#
# A record has value, key (text), bytes, key_bytes, json(), offset, timestamp and partition. For new records
# instead of a choice of them, define a function `map`, `filter_map`, `array_map` or `aggregate`.


def filter(record):
    """Passes errors: JSON with that status, or text with that word. (`smartstream describe` shows this.)"""
    if record.value.startswith("{"):
        # An exception reports an error for this record; the others are unaffected.
        return record.json().get("status") == "error"

    # print() prints a line about the current record; `fluvio-tui consume` shows it.
    return "error" in record.value
