"""Log lines: regular expressions with named groups, matched by RE2 in linear time."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from engine.fields.format import FieldReader, Format, text_of
from engine.fields.path import Path
from engine.fields.scalar import Fields, read_scalar
from engine.regular_expressions import why_refused
from engine.units import InvalidValueError

REGEX = "regex:"
_PATTERN_BYTES = 1 << 20
"""RE2's memory for one pattern."""


class LogLine(Format):
    """Values that one of some regular expressions matches as a whole.

    A named group that is not empty is a field. A dot is any character.
    """

    def __init__(self, name: str, *patterns: str) -> None:
        self.name = name
        self._patterns = patterns

    @cached_property
    def regexes(self) -> tuple[Any, ...]:
        """As google-re2 compiles them; `re2.error`."""
        # Imported here, so that the command line starts sooner.
        import re2

        options = re2.Options()
        options.dot_nl = True
        options.log_errors = False
        options.max_mem = _PATTERN_BYTES
        return tuple(re2.compile(pattern, options) for pattern in self._patterns)

    def fields(self, value: bytes) -> Fields | None:
        text = text_of(value)
        if text is None:
            return None
        found = next(filter(None, (self.match(regex, text) for regex in self.regexes)), None)
        if found is None:
            return None
        return {(name,): read_scalar(part) for name, part in found.groupdict().items() if part}

    def reader(self, sample: Sequence[bytes], only: Path | None = None) -> FieldReader:
        from engine.fields.formats.log_arrays import read_lines

        sure = super().reader(sample, only)
        patterns = tuple(map(self.whole, self._patterns))
        return lambda values: read_lines(values, patterns) or sure(values)

    def match(self, regex: Any, text: str) -> Any:
        return regex.fullmatch(text)

    def whole(self, pattern: str) -> str:
        """The pattern that finds somewhere in a text what `match` matches."""
        return rf"(?s)\A(?:{pattern})\z"


class UserRegex(LogLine):
    """Values in which a user's regular expression matches somewhere."""

    def __init__(self, pattern: str) -> None:
        """`InvalidValueError` if RE2 refuses it, or nothing in it is named."""
        super().__init__(REGEX + pattern, pattern)
        import re2

        try:
            named = self.regexes[0].groupindex
        except re2.error as error:
            raise InvalidValueError(why_refused(error.args[0].decode(), pattern)) from error
        if not named:
            raise InvalidValueError(f"no group is named in '{pattern}': write (?P<level>\\w+) for a field")

    def match(self, regex: Any, text: str) -> Any:
        return regex.search(text)

    def whole(self, pattern: str) -> str:
        return f"(?s){pattern}"
