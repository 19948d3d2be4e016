import re

ERROR = re.compile(r"\b(error|failed)\b", re.IGNORECASE)


def filter(record):
    """Passes errors and failures: by the status of a JSON value, else by the word."""
    if not record.value.startswith("{"):
        return ERROR.search(record.value)
    match record.json().get("status"):
        case int(status):
            return status >= 500
        case status:
            return status == "failed"
