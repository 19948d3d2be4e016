"""Times as logs and programs write them."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta

_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,9})?", re.ASCII)
EPOCHS = ((1e17, 1e-6), (1e14, 1e-3), (1e11, 1.0))
"""The least number of ns, µs and ms since the epoch, and how many ms each is; smaller ones are seconds."""
SECOND = 1e3
"""How many ms."""
_WRITTEN = (
    "%d/%b/%Y:%H:%M:%S %z",  # web servers
    "%a %b %d %H:%M:%S %Y",  # Apache's errors, ctime
    "%a %b %d %H:%M:%S.%f %Y",
    "%y%m%d %H%M%S",  # Hadoop
    "%y/%m/%d %H:%M:%S",  # Spark
    "%Y/%m/%d %H:%M:%S",  # Go, nginx's errors
)

Parse = Callable[[str], datetime]


class TimestampParser:
    """Parses ISO 8601, the forms of common logs, and numbers since the epoch in s, ms, µs or ns.

    Without a zone a time is local, and without a year the latest one up to a day after now.
    """

    def __init__(self, now_ms: int) -> None:
        self._latest = datetime.fromtimestamp(now_ms / 1000) + timedelta(days=1)
        self._forms: list[Parse] = [datetime.fromisoformat, *map(_form, _WRITTEN), self._syslog]
        self._text = ""
        self._found: int | None = None

    def parse(self, text: str) -> int | None:
        """Milliseconds since the epoch; None if it is no time."""
        # Neighbours in a log often have the same second.
        if text != self._text:
            self._text, self._found = text, self._parse(text.strip())
        return self._found

    def _parse(self, text: str) -> int | None:
        if _NUMBER.fullmatch(text):
            return epoch_milliseconds(float(text))
        for place, form in enumerate(self._forms):
            moment = _milliseconds(form, text)
            if moment is not None:
                # A log keeps to one form.
                self._forms.insert(0, self._forms.pop(place))
                return moment
        return None

    def _syslog(self, text: str) -> datetime:
        year = self._latest.year
        moment = datetime.strptime(f"{year} {text}", "%Y %b %d %H:%M:%S")
        return moment if moment <= self._latest else moment.replace(year=year - 1)


def iso_milliseconds(text: str) -> int | None:
    """Milliseconds since the epoch of an ISO 8601 date and time, local without a zone; None if it is none."""
    return _milliseconds(datetime.fromisoformat, text)


def epoch_milliseconds(number: float) -> int:
    """Milliseconds since the epoch, of a number in s, ms, µs or ns by its magnitude."""
    return round(number * next((unit for least, unit in EPOCHS if abs(number) >= least), SECOND))


def _milliseconds(form: Parse, text: str) -> int | None:
    try:
        return round(form(text).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        return None


def _form(pattern: str) -> Parse:
    return lambda text: datetime.strptime(text, pattern)
