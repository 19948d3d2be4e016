"""Decodes the message area: errors, panics and printed lines that the guest wrote."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

from engine.records.faults import Call, Location, Read
from engine.runtime import abi

_LOCATION = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,9})", re.DOTALL)

_CALL = re.compile(r"([0-9]{1,9}):([0-9]{1,9}) (.*)")

ERROR, PANIC, PLACE, LINE, READ, FUNCTIONS, STACK = 1, 2, 3, 4, 5, 6, 7
"""What an entry of the area holds."""
_LINE_BYTES = LINE.to_bytes(4, "little")
"""Where these are in no entry, no line was printed."""


@dataclass(slots=True)
class _Decoded:
    errors: dict[int, str] = field(default_factory=dict)
    panics: dict[int, str] = field(default_factory=dict)
    places: dict[int, Location] = field(default_factory=dict)
    stacks: dict[int, tuple[Call, ...]] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)
    reads: list[Read] = field(default_factory=list)
    functions: str | None = None


class Messages:
    """What a guest wrote during one call. Records are indices into the loaded batch.

    It is decoded when it is asked for: a filter may return `Err` for every record, and few texts are shown.
    """

    def __init__(self, entries: bytes = b"", *, first: int = 0, stop: int = 0, lost: int = 0) -> None:
        """Of a call that evaluated records `first` to before `stop`."""
        self.lost = lost
        """Entries that did not fit."""
        self._entries = entries
        self._first = first
        self._stop = stop

    @property
    def errors(self) -> dict[int, str]:
        return self._decoded.errors

    @property
    def panics(self) -> dict[int, str]:
        return self._decoded.panics

    @property
    def places(self) -> dict[int, Location]:
        return self._decoded.places

    @property
    def stacks(self) -> dict[int, tuple[Call, ...]]:
        """The calls that errors came through, the innermost first."""
        return self._decoded.stacks

    @property
    def lines(self) -> list[tuple[int, str]]:
        """Lines that were printed."""
        return self._decoded.lines if _LINE_BYTES in self._entries else []

    @property
    def reads(self) -> list[Read]:
        """What was read, in order; only of a guest that is traced."""
        return self._decoded.reads

    @property
    def functions(self) -> str | None:
        """The functions of a source that an interpreter loaded."""
        return self._decoded.functions

    @cached_property
    def _decoded(self) -> _Decoded:
        decoded = _Decoded()
        entries, at = self._entries, 0
        while at + abi.ENTRY_HEAD.size <= len(entries):
            record, kind, length = abi.ENTRY_HEAD.unpack_from(entries, at)
            at += abi.ENTRY_HEAD.size
            if self._first <= record < self._stop:
                _add(decoded, record, kind, entries[at : at + length].decode(errors="replace"))
            at += (length + 3) // 4 * 4
        return decoded


def entry(record: int, kind: int, text: bytes) -> bytes:
    """An entry as a guest writes it."""
    return abi.ENTRY_HEAD.pack(record, kind, len(text)) + text + bytes(-len(text) % 4)


def read(area: memoryview, first: int, stop: int, more: bytes = b"") -> Messages:
    """What is in the message area of a call that evaluated records `first` to before `stop`.

    `more` has further entries.

    Nothing in it is trusted: lengths are clamped, entries for other records and of unknown kinds are ignored,
    and invalid UTF-8 is replaced by U+FFFD.
    """
    used, lost = abi.MESSAGES_HEAD.unpack_from(area)
    entries = bytes(area[abi.MESSAGES_HEAD.size :][:used])
    return Messages(entries + more, first=first, stop=stop, lost=lost)


def _add(decoded: _Decoded, record: int, kind: int, text: str) -> None:
    if kind == LINE:
        decoded.lines.append((record, text))
    elif kind == ERROR:
        decoded.errors[record] = text
    elif kind == PANIC:
        decoded.panics[record] = text
    elif kind == PLACE and (location := _location(text)) is not None:
        decoded.places[record] = location
    elif kind == STACK and record in decoded.places:
        decoded.stacks[record] = tuple(_calls(text, decoded.places[record].path))
    elif kind == FUNCTIONS:
        decoded.functions = text
    elif kind == READ:
        place, _, call = text.partition("\n")
        what, separator, found = call.partition("\n")
        decoded.reads.append(Read(what=what, found=found if separator else None, location=_location(place)))


def _location(text: str) -> Location | None:
    match = _LOCATION.fullmatch(text)
    return None if match is None else Location(match[1], int(match[2]), int(match[3]))


def _calls(text: str, path: str) -> Iterator[Call]:
    for match in filter(None, map(_CALL.fullmatch, text.splitlines())):
        yield Call(match[3], Location(path, int(match[1]), int(match[2])))
