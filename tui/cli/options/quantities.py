"""Quantities as people type them: functions for the `type` of options; `click.BadParameter` tells why not."""

import re
import time
from datetime import datetime

import click

from tui.dashboard.present.paces import HOLD, MOST

_DURATION = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(ms|s|m|h|d|w)", re.IGNORECASE)
_LENGTH = re.compile(rf"(?:{_DURATION.pattern}\s*)+", re.IGNORECASE)
_MILLISECONDS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
_SIZE = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(?:([kmgt])(i?))?b?", re.IGNORECASE)
_LONGEST = 10_000 * 366 * 86_400_000
_LEAST_RATE, _GREATEST_RATE = 1e-6, 1e9
_PAGE_BYTES = 64 << 10
_ADDRESSABLE_BYTES = 4 << 30
NEVER = "never"
_RATE = re.compile(r"(\d{1,15}(?:\.\d+)?)\s*(?:/\s*s)?")


def milliseconds(text: str) -> int:
    """A length of time: `500ms`, `30m`, `7d`, `1h30m`."""
    if not _LENGTH.fullmatch(text.strip()):
        raise click.BadParameter(f"'{text}' is no length of time: give a number and a unit, as in 30m or 7d")
    found = round(
        sum(float(number) * _MILLISECONDS[unit.lower()] for number, unit in _DURATION.findall(text))
    )
    if found > _LONGEST:
        raise click.BadParameter(f"'{text}' is too long: give ten thousand years at most")
    return found


def past_moment(text: str) -> int:
    """A time gone by, as milliseconds since the epoch: how long ago, or a date or date-time of ISO 8601.

    A date-time is the local zone's unless it names one: `2h`, `2021-02-03`, `2021-02-03T09:30:00Z`.
    """
    now = time.time_ns() // 1_000_000
    if _LENGTH.fullmatch(text.strip()):
        return now - milliseconds(text)
    try:
        moment = round(datetime.fromisoformat(text.strip()).timestamp() * 1000)
    except (ValueError, OverflowError, OSError):
        raise click.BadParameter(
            f"'{text}' is no time: say how long ago, as in 10m, or when, as in 2021-02-03 or 2021-02-03T09:30"
        ) from None
    if moment > now:
        raise click.BadParameter(f"'{text}' is yet to come: name a time gone by")
    return moment


def byte_count(text: str) -> int:
    """A size: `65536`, `64kB`, `1.5GB`, `64MiB`."""
    found = _SIZE.fullmatch(text.strip())
    if found is None:
        raise click.BadParameter(f"'{text}' is no size: give bytes, or a number and kB, MB, GB, KiB …")
    number, prefix, binary = found.groups()
    power = "kmgt".index(prefix.lower()) + 1 if prefix else 0
    return int(float(number) * (1024 if binary else 1000) ** power)


def records_a_second(text: str) -> float:
    """A rate above none: `1000`, `1000/s`, `0.5/s`."""
    found = _RATE.fullmatch(text.strip())
    if found is None or not _LEAST_RATE <= float(found.group(1)) <= _GREATEST_RATE:
        raise click.BadParameter(f"'{text}' is no rate: give records a second, as in 1000/s")
    return float(found.group(1))


def pace(text: str) -> float | None:
    """How many records a second a consumer evaluates at most: `50/s`, 0 for `hold`, None for `max`."""
    word = text.strip().lower()
    if word in (HOLD, MOST):
        return 0.0 if word == HOLD else None
    try:
        return records_a_second(text)
    except click.BadParameter:
        raise click.BadParameter(
            f"'{text}' is no pace: give records a second, as in 50/s, or '{MOST}' or '{HOLD}'"
        ) from None


def time_limit(text: str) -> float:
    """A length of time above none, in seconds: `250ms`, `1.5s`."""
    found = milliseconds(text)
    if not found:
        raise click.BadParameter(f"'{text}' is no time at all: give 1ms or more")
    return found / 1000


def guest_memory(text: str) -> int:
    """As many bytes of memory as a WebAssembly module may be given: `64MiB`."""
    found = byte_count(text)
    if not _PAGE_BYTES <= found <= _ADDRESSABLE_BYTES:
        raise click.BadParameter(f"'{text}' is no memory for a filter: give 64KiB to 4GiB")
    return found


def whole_number(text: str) -> int:
    """A count above none: `1000`, `100_000`."""
    try:
        found = int(text)
    except ValueError:
        found = 0
    if found < 1:
        raise click.BadParameter(f"'{text}' is no count: give a whole number above 0")
    return found


def bytes_kept(text: str) -> int:
    """A size above none: `64MiB`."""
    found = byte_count(text)
    if not found:
        raise click.BadParameter(f"'{text}' is no room at all: give a size such as 64MiB")
    return found


def count_or_never(text: str) -> int:
    """A count above none, or 0 for `never`."""
    if text.strip().lower() == NEVER:
        return 0
    try:
        return whole_number(text)
    except click.BadParameter:
        raise click.BadParameter(f"'{text}' is no count: give a whole number above 0, or '{NEVER}'") from None
