"""The formats there are, by name, and which of them the values of a topic have."""

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate

from engine.errors import did_you_mean
from engine.fields.format import Format
from engine.fields.formats.columns import DELIMITERS, guessed, named_columns, with_header
from engine.fields.formats.json_values import JsonValues
from engine.fields.formats.log_formats import LOG_FORMATS
from engine.fields.formats.log_line import REGEX, UserRegex
from engine.fields.formats.logfmt import Logfmt
from engine.fields.formats.plain import Binary, Text
from engine.schemas.names import DECODER_NAMES, is_decoder, parse_decoder
from engine.units import InvalidValueError

TEXT = Text()
BINARY = Binary()
FORMATS: tuple[Format, ...] = (JsonValues(), *LOG_FORMATS, Logfmt(), TEXT, BINARY)
"""Those without options. Of two that fit as many values, the first is detected."""
FORMAT_NAMES = (*(one.name for one in FORMATS[:-2]), *DELIMITERS, TEXT.name, BINARY.name, *DECODER_NAMES)
"""As in `check_format`; a regular expression comes on top."""

SAMPLE_RECORDS = 200
SAMPLE_BYTES = 64 << 10
"""Of one value: a larger one says nothing about the others."""
_CHOICES = f"use {', '.join(FORMAT_NAMES)} or {REGEX}…"
_SAMPLE_TOTAL = 256 << 10
"""Bytes of all values: a screen waits for them."""
_GLANCE = 16
"""A format that fits fewer than half of this many values is tried on no more of them."""


def check_format(text: str) -> None:
    """`InvalidValueError` unless a text names a format, or a decoder."""
    if is_decoder(text):
        parse_decoder(text)
    else:
        named_format(text)


def named_format(text: str, first: bytes | None = None) -> Format:
    """The format that `--format` names, other than a decoder; `InvalidValueError`.

    `csv:name,level` has these columns. `csv` has those of the topic's `first` value if that is a header, and
    c1, c2, … otherwise; so has `tsv`. `regex:…` has a field per named group.
    """
    if text.startswith(REGEX):
        return UserRegex(text.removeprefix(REGEX))
    kind, colon, names = text.partition(":")
    if kind in DELIMITERS:
        return named_columns(kind, names) if colon and names else with_header(kind, first)
    named = {one.name: one for one in FORMATS}
    if text in named:
        return named[text]
    near = did_you_mean(text, FORMAT_NAMES)
    raise InvalidValueError(f"unknown format '{text}': {near or _CHOICES}")


def detect(values: Sequence[bytes | None], first: bytes | None = None) -> Format:
    """The format of most of some values, the newest first; a few bad ones do not matter.

    `first` is the topic's first value, which may be a header. Looks at `SAMPLE_RECORDS` values at most.
    """
    sample = _sample(values)
    if not sample:
        return TEXT
    shares = {one: _share(one, sample) for one in FORMATS}
    # Text fits most values of the formats before it, and also what is broken.
    best = max((one for one in FORMATS if one not in (TEXT, BINARY)), key=lambda one: shares[one])
    if shares[best] > 0.5:
        return best
    rows = (guessed(kind, sample, first) for kind in DELIMITERS)
    return next((one for one in rows if one), TEXT if shares[TEXT] > 0.5 else BINARY)


def _sample(values: Sequence[bytes | None]) -> list[bytes]:
    sample = [value for value in values[:SAMPLE_RECORDS] if value and len(value) <= SAMPLE_BYTES]
    ends = list(accumulate(map(len, sample)))
    return sample[: max(bisect_right(ends, _SAMPLE_TOTAL), 1)]


def _share(format: Format, sample: Sequence[bytes]) -> float:
    """How many of some values are of a format."""
    glance = sum(format.fields(value) is not None for value in sample[:_GLANCE])
    if 2 * glance < len(sample[:_GLANCE]):
        return 0.0
    rest = sum(format.fields(value) is not None for value in sample[_GLANCE:])
    return (glance + rest) / len(sample)
