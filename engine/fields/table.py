"""The formats there are, by name, and which of them the values of a topic have."""

from collections.abc import Sequence

from engine.errors import did_you_mean
from engine.fields.format import Format
from engine.fields.formats.json_values import JsonValues
from engine.fields.formats.plain import Binary, Text
from engine.units import InvalidValueError

TEXT = Text()
BINARY = Binary()
FORMATS: tuple[Format, ...] = (JsonValues(), TEXT, BINARY)
"""Those without options. Of two that fit as many values, the first is detected."""

SAMPLE_RECORDS = 200
SAMPLE_BYTES = 64 << 10
"""Of one value: a larger one says nothing about the others."""
_GLANCE = 16
"""A format that fits fewer than half of so many values is tried on no more of them."""


def named_format(text: str) -> Format:
    """The format that `--format` names; `InvalidValueError`."""
    named = {one.name: one for one in FORMATS}
    if text in named:
        return named[text]
    near = did_you_mean(text, named)
    raise InvalidValueError(f"unknown format '{text}': {near or 'use ' + ', '.join(named)}")


def detect(values: Sequence[bytes | None]) -> Format:
    """The format of most of some values, the newest first; a few bad ones do not matter.

    Looks at `SAMPLE_RECORDS` of them at most.
    """
    sample = [value for value in values[:SAMPLE_RECORDS] if value and len(value) <= SAMPLE_BYTES]
    if not sample:
        return TEXT
    shares = {one: _share(one, sample) for one in FORMATS}
    # Text fits most values of the formats before it, and also what is broken.
    best = max((one for one in FORMATS if one not in (TEXT, BINARY)), key=lambda one: shares[one])
    return next(one for one in (best, TEXT, BINARY) if shares[one] > 0.5)


def _share(format: Format, sample: Sequence[bytes]) -> float:
    """How many of some values are of a format."""
    glance = sum(format.fields(value) is not None for value in sample[:_GLANCE])
    if 2 * glance < len(sample[:_GLANCE]):
        return 0.0
    rest = sum(format.fields(value) is not None for value in sample[_GLANCE:])
    return (glance + rest) / len(sample)
