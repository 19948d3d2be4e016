"""Times as logs and programs write them."""

import re
from datetime import datetime, timedelta
from functools import partial

from engine.time_forms import FORMS, Parse, TimeForm

_NUMBER = re.compile(r"-?\d{1,19}(?:\.\d{1,9})?", re.ASCII)
EPOCHS = ((1e17, 1e-6), (1e14, 1e-3), (1e11, 1.0))
"""The least number of ns, µs and ms since the epoch, and how many ms each is; smaller ones are seconds."""
SECOND = 1e3
"""How many ms."""


class TimestampParser:
    """Parses ISO 8601, the forms of common logs, and numbers since the epoch in s, ms, µs or ns.

    Without a zone a time is local, and without a year the latest one up to a day after now.
    """

    def __init__(self, now_ms: int) -> None:
        self._latest = datetime.fromtimestamp(now_ms / 1000) + timedelta(days=1)
        self._forms = [datetime.fromisoformat, *(parse for form in FORMS for parse in self._parses(form))]
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
                # A log uses one form throughout.
                self._forms.insert(0, self._forms.pop(place))
                return moment
        return None

    def _parses(self, form: TimeForm) -> list[Parse]:
        if form.parse is not None:
            return [form.parse]
        return [
            partial(_written, p) if "%y" in p.lower() else partial(self._latest_of, p) for p in form.patterns
        ]

    def _latest_of(self, pattern: str, text: str) -> datetime:
        """A time without a year."""
        year = self._latest.year
        moment = _written(f"%Y {pattern}", f"{year} {text}")
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


def _written(pattern: str, text: str) -> datetime:
    return datetime.strptime(text, pattern)
