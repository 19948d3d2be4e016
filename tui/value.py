"""A record's value as lines to read: JSON indented, text, or hex."""

import json
import re
from enum import Enum

from rich.cells import chop_cells

from tui import format

TEXT_BYTES = 256 << 10
"""Text is shown up to here; hex has no end."""
INDENT = "  "
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_OPEN, _CLOSE = "{[", "}]"


class ValueFormat(Enum):
    """A way to show a value."""

    JSON = "JSON"
    TEXT = "text"
    HEX = "hex"


def natural_format(value: bytes) -> ValueFormat:
    """JSON where the value is an object or a list, hex where it is not UTF-8, else text."""
    if indented_json(value) is not None:
        return ValueFormat.JSON
    try:
        value[:TEXT_BYTES].decode()
    except UnicodeDecodeError as error:
        cut_short = error.end == TEXT_BYTES and len(value) > TEXT_BYTES
        return ValueFormat.TEXT if cut_short else ValueFormat.HEX
    return ValueFormat.TEXT


def indented_json(value: bytes) -> list[str] | None:
    """A JSON object or list, indented, every literal as it was written; None where the value is neither."""
    if len(value) > TEXT_BYTES or not value.lstrip().startswith((b"{", b"[")):
        return None
    try:
        text = value.decode()
        # Numbers stay text: one of a million digits takes a minute to convert.
        json.loads(text, parse_int=str, parse_float=str)
    except (ValueError, RecursionError):
        return None
    return _indent(_TOKEN.findall(text))


def text_lines(value: bytes, cells: int) -> list[str]:
    """The text of a value, wrapped; a value too long for it says so at the end."""
    whole = len(value) <= TEXT_BYTES
    text = format.decode(value[:TEXT_BYTES], final=whole)
    lines = wrap(text.split("\n"), cells)
    if not whole:
        lines.append(f"… and {format.size(len(value) - TEXT_BYTES)} more, all of it in hex")
    return lines


def wrap(lines: list[str], cells: int) -> list[str]:
    """Lines, harmless and cut into pieces that fit."""
    return [piece for line in lines for piece in chop_cells(format.harmless(line), cells) or [""]]


def hex_width(cells: int) -> int:
    """How many bytes a line of hex shows in so many cells: 16, or 8 where it is narrow."""
    return 16 if cells >= len(hex_line(bytes(16), 0, 16)) else 8


def hex_line(value: bytes, line: int, width: int) -> str:
    """One line of hex: where it starts, the bytes, and those of them that are ASCII."""
    part = value[line * width : (line + 1) * width]
    half = width // 2
    octets = f"{part[:half].hex(' '):<{half * 3 - 1}}  {part[half:].hex(' '):<{half * 3 - 1}}"
    letters = "".join(chr(octet) if 0x20 <= octet < 0x7F else "·" for octet in part)
    return f"{line * width:08x}  {octets}  {letters}"


def _indent(tokens: list[str]) -> list[str]:
    lines = [""]
    depth = 0
    for position, token in enumerate(tokens):
        follower = tokens[position + 1] if position + 1 < len(tokens) else ""
        if token in _CLOSE and tokens[position - 1] not in _OPEN:
            lines.append(INDENT * (depth := depth - 1))
        elif token in _CLOSE:
            depth -= 1
        lines[-1] += token
        if token in _OPEN:
            depth += 1
        if token == ":":
            lines[-1] += " "
        elif token == "," or (token in _OPEN and follower not in _CLOSE):
            lines.append(INDENT * depth)
    return lines
