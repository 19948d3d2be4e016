"""Sizes, durations, counts, rates and times: how they are typed, and how they are shown."""

import re
import time

from engine.errors import EngineError

MAX, HOLD = "max", "hold"
"""The rate limits that are words: none at all, and no record at all."""
NEVER = "never"

_DURATION = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(ms|s|m|h|d|w)", re.IGNORECASE)
_DURATIONS = re.compile(rf"(?:{_DURATION.pattern}\s*)+", re.IGNORECASE)
_UNIT_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_DAY_TIME = re.compile(r"(today|yesterday)?\s*(?:(\d{1,2}):(\d\d)(?::(\d\d))?)?", re.IGNORECASE | re.ASCII)
_MAX_MILLISECONDS = 10_000 * 366 * 86_400_000
_SIZE = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?", re.IGNORECASE)
_RATE = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(?:/\s*s)?")
_MIN_RATE, _MAX_RATE = 1e-6, 1e9


class InvalidValueError(EngineError):
    """A text is not a value of the kind that is needed. `message` says which forms are."""


def parse_duration(text: str, *, least: float = 0.0) -> float:
    """Seconds, to the millisecond: `500ms`, `30m`, `7d`, `1h30m`."""
    if not _DURATIONS.fullmatch(text.strip()):
        raise InvalidValueError(f"invalid duration '{text}': use a number and a unit, e.g. 30m")
    parts = _DURATION.findall(text)
    milliseconds = round(sum(float(number) * _UNIT_MILLISECONDS[unit.lower()] for number, unit in parts))
    if milliseconds > _MAX_MILLISECONDS:
        raise InvalidValueError(f"invalid duration '{text}': it is longer than 10,000 years")
    if milliseconds < least * 1000:
        raise InvalidValueError(f"invalid duration '{text}': use {exact_duration(least)} or more")
    return milliseconds / 1000


def parse_past_time(text: str, now: float | None = None) -> int:
    """Milliseconds since the epoch, from how long ago (`2h`), a time of day, or an ISO 8601 date and time.

    A time without a zone is local: `2021-02-03`, `2021-02-03T09:30:00Z`, `yesterday`, `yesterday 9:30`. A
    time of day alone (`14:30`) is the latest one gone by. `now` is in seconds since the epoch.
    """
    now = time.time() if now is None else now
    if _DURATIONS.fullmatch(text.strip()):
        return round((now - parse_duration(text)) * 1000)
    try:
        milliseconds = round(_moment(text.strip(), now) * 1000)
    except (ValueError, OverflowError, OSError):
        raise InvalidValueError(
            f"invalid time '{text}': use how long ago, e.g. 10m, a time of day, e.g. 14:30, or a date, "
            "e.g. yesterday, 2021-02-03 or 2021-02-03T09:30"
        ) from None
    if milliseconds > now * 1000:
        raise InvalidValueError(f"invalid time '{text}': it is in the future")
    return milliseconds


def _moment(text: str, now: float) -> float:
    """Seconds since the epoch."""
    from datetime import datetime, timedelta

    found = _DAY_TIME.fullmatch(text)
    if not text or found is None:
        return datetime.fromisoformat(text).timestamp()
    day, hour, minute, second = found.groups()
    moment = datetime.fromtimestamp(now).replace(
        hour=int(hour or 0), minute=int(minute or 0), second=int(second or 0), microsecond=0
    )
    if (day or "").lower() == "yesterday" or (not day and moment.timestamp() > now):
        moment -= timedelta(days=1)
    return moment.timestamp()


def parse_size(text: str, *, least: int = 0, most: int | None = None) -> int:
    """Bytes: `65536`, `64kB`, `1.5GB`, `64MiB`."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise InvalidValueError(f"invalid size '{text}': use bytes, or a number and a unit, e.g. 64MiB")
    number, prefix, binary = found.groups()
    power = "kmgt".index(prefix.lower()) + 1 if prefix else 0
    octets = int(float(number) * (1024 if binary else 1000) ** power)
    if octets < least or (most is not None and octets > most):
        bound = "or more" if most is None else f"to {exact_size(most)}"
        raise InvalidValueError(f"invalid size '{text}': use {exact_size(least)} {bound}")
    return octets


def parse_rate(text: str) -> float:
    """Records per second, more than none: `1000`, `1000/s`, `0.5/s`."""
    found = _RATE.fullmatch(text.strip())
    if found is None or not _MIN_RATE <= float(found.group(1)) <= _MAX_RATE:
        raise InvalidValueError(f"invalid rate '{text}': use records per second, e.g. 1000/s")
    return float(found.group(1))


def parse_rate_limit(text: str) -> float | None:
    """Records per second at most: `50/s`, 0 for `hold`, None for `max`."""
    word = text.strip().lower()
    if word in (HOLD, MAX):
        return 0.0 if word == HOLD else None
    try:
        return parse_rate(text)
    except InvalidValueError:
        raise InvalidValueError(f"invalid rate '{text}': use 50/s, {MAX} or {HOLD}") from None


def parse_count(text: str, *, otherwise: str = "") -> int:
    """A whole number above 0: `1000`, `100_000`. `otherwise` ends the message."""
    try:
        found = int(text)
    except ValueError:
        found = 0
    if found <= 0:
        raise InvalidValueError(f"invalid count '{text}': use a whole number above 0{otherwise}")
    return found


def parse_count_or_never(text: str) -> int:
    """A whole number above 0, or 0 for `never`."""
    return 0 if text.strip().lower() == NEVER else parse_count(text, otherwise=f", or {NEVER}")


def count(number: int) -> str:
    """`1,234`."""
    return f"{number:,}"


def plural(number: int, noun: str) -> str:
    """A count and its noun: `1 record`, `1,234 records`."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def quantity(number: float) -> str:
    """A number in three digits: `0`, `7.5`, `940`, `51.2k`, `1.25M`."""
    for divisor, unit in ((1.0, ""), (1e3, "k"), (1e6, "M")):
        if number < divisor * 999.5:
            return _three_digits(number / divisor) + unit
    return _three_digits(number / 1e9) + "G"


def rate(per_second: float) -> str:
    """A measured rate in three digits: `51.2k/s`."""
    return f"{quantity(per_second)}/s"


def rate_limit(per_second: float | None) -> str:
    """A rate limit as `parse_rate_limit` reads it, exactly: `50/s`, `max`, `hold`."""
    if per_second is None:
        return MAX
    return f"{per_second:.12g}/s" if per_second else HOLD


def percent(part: float) -> str:
    """A part of one; only nothing reads as 0 %, and only all as 100 %."""
    if 0 < part < 0.001:
        return "<0.1%"
    if 0.999 < part < 1:
        return ">99.9%"
    return f"{part:.1%}" if part < 1 else "100%"


def elapsed(seconds: float) -> str:
    """A measured time, rounded: `0.02 µs`, `4.2 ms`, `0.19 s`, `4,000 s`."""
    if seconds < 1e-3:
        return f"{_three_digits(seconds * 1e6)} µs"
    if seconds < 0.1:
        return f"{_three_digits(seconds * 1e3)} ms"
    if seconds < 100:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.1f} s"
    return f"{seconds:,.0f} s"


def rough_time(seconds: float) -> str:
    """A time that was estimated: `1 s`, `40 s`, `12 m`, `3 h`, `5 d`."""
    for unit in ("d", "h", "m"):
        length = _UNIT_MILLISECONDS[unit] // 1000
        if seconds >= 2 * length:
            return f"{seconds / length:,.0f} {unit}"
    return f"{max(seconds, 1):.0f} s"


def duration(seconds: float) -> str:
    """A chosen time, exactly, in the largest unit that fits: `250 ms`, `1.5 s`, `90 m`, `7 d`."""
    for unit in ("d", "h", "m"):
        length = _UNIT_MILLISECONDS[unit] // 1000
        if seconds and seconds % length == 0:
            return f"{seconds / length:.0f} {unit}"
    return f"{seconds:.15g} s" if seconds >= 1 else f"{seconds * 1000:g} ms"


def exact_duration(seconds: float) -> str:
    """A duration as it is typed: `250ms`, `1.5s`."""
    return duration(seconds).replace(" ", "")


def size(octets: int) -> str:
    """Bytes, rounded: `512 B`, `1.5 KiB`, `16 MiB`."""
    if octets < 1024:
        return f"{octets} B"
    amount = float(octets)
    for unit in ("KiB", "MiB", "GiB", "TiB"):
        amount /= 1024
        if amount < 1023.95 or unit == "TiB":
            break
    return f"{amount:.1f}".removesuffix(".0") + f" {unit}"


def exact_size(octets: int) -> str:
    """A size as it is typed, without rounding: `64MiB`, `65537`."""
    for unit, power in (("GiB", 30), ("MiB", 20), ("KiB", 10)):
        if octets and octets % (1 << power) == 0:
            return f"{octets >> power}{unit}"
    return str(octets)


def utc_time(milliseconds: int) -> str:
    """A time from milliseconds since the epoch: `2021-02-03T04:05:06.789Z`."""
    from datetime import UTC, datetime, timedelta

    try:
        found = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)
    except OverflowError:
        return f"{milliseconds} ms"
    return found.strftime("%Y-%m-%dT%H:%M:%S.") + f"{found.microsecond // 1000:03}Z"


def _three_digits(number: float) -> str:
    if number == 0 or number >= 99.95:
        return f"{number:.0f}"
    return f"{number:.{1 if number >= 9.995 else 2}f}".rstrip("0").rstrip(".")
