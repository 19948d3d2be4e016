"""The values that fields have."""

import math
import re
from collections.abc import Mapping
from typing import TypeAlias

from engine.fields.path import Path


class Written(str):
    """A number as it was written, since neither an `int` nor a `float` prints it that way."""

    __slots__ = ()


Scalar: TypeAlias = str | int | float | bool | None
"""Text, a number (perhaps `Written`), true or false, or null."""

Fields: TypeAlias = Mapping[Path, Scalar]
"""The leaves of a value, in its order."""

_DIGITS = 18
"""Longer integers stay text: one of a million digits takes a minute to convert."""
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?", re.ASCII)
_LONGEST = 64
"""Characters of a number in a text."""


def integer(text: str) -> int | Written:
    """The number that JSON writes as `text`."""
    return int(text) if len(text) <= _DIGITS and text != "-0" else Written(text)


def decimal(text: str) -> float | Written:
    """The number that JSON writes as `text`, with a fraction or an exponent."""
    if len(text) > _LONGEST:
        return Written(text)
    number = float(text)
    return number if repr(number) == text else Written(text)


def read_scalar(text: str) -> Scalar:
    """A number if a text is one as JSON writes it, otherwise the text."""
    if len(text) > _LONGEST or not (text[:1].isdigit() or text[:1] == "-"):
        return text
    found = _NUMBER.fullmatch(text)
    if found is None:
        return text
    return integer(text) if found[1] is None and found[2] is None else decimal(text)


def scalar_text(value: Scalar) -> str:
    """How a value reads: text as it is, `true`, `null`, and numbers as they were written."""
    if isinstance(value, str):
        return value
    if value is None:
        return "null"
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_of(value: Scalar) -> float | None:
    """The number that a value is, as near as a float comes; None if it is none, or infinite."""
    if isinstance(value, bool) or value is None or (isinstance(value, str) and type(value) is not Written):
        return None
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
