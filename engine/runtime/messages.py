"""Decodes the message area: errors, panics and printed lines that the guest wrote."""

import re
from dataclasses import dataclass, field

from engine.records.faults import Location
from engine.runtime import abi

_LOCATION = re.compile(r"(.+):([0-9]{1,9}):([0-9]{1,9})", re.DOTALL)

_ERROR, _PANIC, _PLACE, _LINE = 1, 2, 3, 4
"""What an entry of the area holds."""


@dataclass(slots=True)
class Messages:
    """What a guest wrote during one call. Records are indices into the loaded batch."""

    errors: dict[int, str] = field(default_factory=dict)
    panics: dict[int, str] = field(default_factory=dict)
    places: dict[int, Location] = field(default_factory=dict)
    lines: list[tuple[int, str]] = field(default_factory=list)
    lost: int = 0
    """Entries that did not fit."""


def decode(area: memoryview, first: int, stop: int) -> Messages:
    """Decode the message area of a call that evaluated records `first` to before `stop`.

    Nothing in it is trusted: lengths are clamped, entries for other records and of unknown kinds are ignored,
    and invalid UTF-8 is replaced by U+FFFD.
    """
    used, lost = abi.MESSAGES_HEAD.unpack_from(area)
    messages = Messages(lost=lost)
    if not used:
        return messages
    entries = bytes(area[abi.MESSAGES_HEAD.size :][:used])
    at = 0
    while at + abi.ENTRY_HEAD.size <= len(entries):
        record, kind, length = abi.ENTRY_HEAD.unpack_from(entries, at)
        at += abi.ENTRY_HEAD.size
        if first <= record < stop:
            _add(messages, record, kind, entries[at : at + length].decode(errors="replace"))
        at += (length + 3) // 4 * 4
    return messages


def _add(messages: Messages, record: int, kind: int, text: str) -> None:
    if kind == _LINE:
        messages.lines.append((record, text))
    elif kind == _ERROR:
        messages.errors[record] = text
    elif kind == _PANIC:
        messages.panics[record] = text
    elif kind == _PLACE and (match := _LOCATION.fullmatch(text)):
        messages.places[record] = Location(match[1], int(match[2]), int(match[3]))
