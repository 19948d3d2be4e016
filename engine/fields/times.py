"""Fields that are times: texts as ISO 8601 has them and as servers log them, and counts since the epoch."""

import re
from datetime import UTC, datetime

from engine.fields.path import Path
from engine.fields.scalar import Scalar, number_of

_ISO = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d([.,]\d{1,9})?)? ?(Z|[+-]\d\d:?\d\d)?", re.ASCII)
_CLF = re.compile(r"\d\d/[A-Z][a-z]{2}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4}", re.ASCII)
CLF_TIME = "%d/%b/%Y:%H:%M:%S %z"
"""How web servers write a time."""
_NAMES = re.compile(r"(?i)time|date|epoch|(^|_)(ts|at|on|when)$|^[a-z]+(At|On)$")
_EPOCHS = ((1e18, 1e6), (1e15, 1e3), (1e12, 1.0), (1e9, 1e-3))
"""The least number of ns, µs, ms and s; how many of them are a millisecond."""


def is_time(path: Path, value: Scalar) -> bool:
    """Whether a field is a time; a number only if its name says so too."""
    return time_of(path, value) is not None


def time_of(path: Path, value: Scalar) -> float | None:
    """The time that a field is, in milliseconds since the epoch; None if it is none.

    A text without a zone is UTC. A number is in s, ms, µs or ns, by its magnitude.
    """
    if type(value) is str:
        return _written(value)
    number = number_of(value)
    named = next((step for step in reversed(path) if isinstance(step, str)), "")
    if number is None or not _NAMES.search(named):
        return None
    return next((number / unit for least, unit in _EPOCHS if least <= number < least * 10), None)


def _written(text: str) -> float | None:
    if len(text) > 40 or not text[:2].isdigit():
        return None
    try:
        if _ISO.fullmatch(text):
            moment = datetime.fromisoformat(text.replace(",", ".").replace(" +", "+").replace(" -", "-"))
        elif _CLF.fullmatch(text):
            moment = datetime.strptime(text, CLF_TIME)
        else:
            return None
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() * 1000
    except (ValueError, OverflowError):
        return None
