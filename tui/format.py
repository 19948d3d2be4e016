"""How texts, times and bytes read in a terminal, measured in cells. Numbers are in engine.units."""

import codecs
import re
import unicodedata
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache

from rich.cells import cell_len

ELLIPSIS = "…"

TAB = 4
"""Cells between tab stops, counted from the start of a value."""
BARS = "▁▂▃▄▅▆▇█"
_SGR = re.compile(r"(\x1b\[[0-9;]*m)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TIME_OF_DAY = re.compile(r"\b\d\d:\d\d:\d\d(?:[.,]\d{1,3})?|(?<=\dT)\d\d:\d\d:\d\d(?:[.,]\d{1,3})?")
_EMOJI_SELECTOR = "\ufe0f"
_HALF_FLAGS = frozenset(map(chr, range(0x1F1E6, 0x1F200)))
_BYTES_A_CELL = 4
_SPARE_BYTES = 64
"""Room for combining characters, which take bytes and no cells."""


def timestamp(milliseconds: int) -> str:
    """A record's time, local, to the millisecond; the bare number if no calendar has it."""
    return _timestamp(milliseconds, None)


def utc_timestamp(milliseconds: int) -> str:
    """As `timestamp`, but in UTC."""
    return _timestamp(milliseconds, UTC)


def _timestamp(milliseconds: int, zone: tzinfo | None) -> str:
    try:
        moment = datetime.fromtimestamp(milliseconds / 1000, UTC).astimezone(zone)
    except (OverflowError, ValueError, OSError):
        return f"{milliseconds} ms since the epoch"
    return moment.strftime("%Y-%m-%d %H:%M:%S.") + f"{milliseconds % 1000:03d} " + moment.strftime("%Z")


def time_of_day(seconds: float) -> str:
    """When something happened in this session, local, from seconds since the epoch: "14:03:22"."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%H:%M:%S")


def clock(milliseconds: int, cells: int) -> str:
    """A record's time of day, local: "14:03:22.067", or in fewer cells "14:03:22" or "03:22"."""
    return _clock(milliseconds, None, cells)


def time_in(text: str, cells: int) -> str:
    """The time of day in a text, as `clock` has it; the text if there is none."""
    found = _TIME_OF_DAY.search(text)
    return text if found is None else _short_clock(found.group(), cells)


def _short_clock(text: str, cells: int) -> str:
    return text if len(text) <= cells else text[:8] if cells >= 8 else text[3:8]


def utc_clock(milliseconds: int, cells: int) -> str:
    """As `clock`, but in UTC."""
    return _clock(milliseconds, UTC, cells)


def _clock(milliseconds: int, zone: tzinfo | None, cells: int) -> str:
    try:
        moment = datetime.fromtimestamp(milliseconds // 1000, zone)
    except (OverflowError, ValueError, OSError):
        return ""
    # In a fourth of the time that its own formatting takes; each row of a pane has one.
    seconds = f"{moment.hour:02d}:{moment.minute:02d}:{moment.second:02d}"
    return _short_clock(f"{seconds}.{milliseconds % 1000:03d}", cells)


def day(seconds: float) -> str:
    """The date of something in an earlier session, local, from seconds since the epoch: "2026-03-01"."""
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d")


def sparkline(history: Sequence[float], cells: int) -> str:
    """The newest `cells` values as bars, the greatest of them at full height; empty if all are 0."""
    newest = history[-cells:] if cells > 0 else ()
    top = max(newest, default=0.0)
    if top <= 0:
        return ""
    return "".join(BARS[min(int(value / top * len(BARS)), len(BARS) - 1)] for value in newest)


def first_fitting(forms: Sequence[str], cells: int) -> str:
    """The first form that fits, else the last one clipped."""
    clipped = clip(forms[-1], cells) if forms else ""
    return next((form for form in forms if cell_len(form) <= cells), clipped)


def clip(text: str, cells: int) -> str:
    """`text` in at most `cells` cells; an ellipsis stands for what does not fit."""
    if widest(text) <= cells:
        return text
    if cells < 2:
        return ELLIPSIS[: max(cells, 0)]
    return text[: fitting(text, 0, cells - 1)].rstrip(" ") + ELLIPSIS


def fitting(text: str, start: int, cells: int) -> int:
    """The end of the longest part from the character `start` on that takes at most this many cells."""
    if text.isascii():
        return min(start + max(cells, 0), len(text))
    used = 0
    for index in range(start, len(text)):
        used += widest(text[index])
        if used > cells:
            return index
    return len(text)


def widest(text: str) -> int:
    """How many cells a text takes at most: terminals disagree about emoji in sequences and vowel signs."""
    return len(text) if text.isascii() else sum(map(_widest, text))


@lru_cache(maxsize=1 << 12)
def _widest(character: str) -> int:
    category = unicodedata.category(character)
    if category in ("Mn", "Me"):
        return int(character == _EMOJI_SELECTOR)
    if character in _HALF_FLAGS or unicodedata.east_asian_width(character) in "WF":
        return 2
    return max(cell_len(character), category == "Mc")


def harmless(text: str) -> str:
    r"""`text` on one line, with what could move the cursor or change colours escaped (`\x1b`)."""
    if "\t" in text:
        text = text.expandtabs(TAB)
    return text if text.isprintable() else "".join(map(_visible, text))


def harmless_lines(text: str) -> str:
    """As `harmless`, line by line."""
    return "\n".join(harmless(line) for line in text.splitlines())


def pasted(text: str) -> str:
    r"""A text from the clipboard, with control characters escaped (`\x1b`), except tabs and line ends."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub(lambda found: _visible(found.group()), lines)


def decode(value: bytes, *, final: bool = True) -> str:
    r"""UTF-8, with each byte that is none as `\xff`; without `final`, a character cut short is left out."""
    decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
    return decoder.decode(value, final)


def text_line(value: memoryview, cells: int) -> str:
    """The text of a value on one line, of at least this many cells if it has them, made of few more bytes."""
    head = cells * _BYTES_A_CELL + _SPARE_BYTES
    whole = len(value) <= head
    text = harmless(decode(bytes(value[:head]), final=whole))
    return text if whole else text + ELLIPSIS


def value_line(value: memoryview, cells: int) -> str:
    """A value in at most `cells` cells, looking at no more of its bytes than that takes."""
    return clip(text_line(value, cells), cells)


def only_colours(text: str) -> str:
    """`text` with its colours (SGR sequences) kept, and everything else that a terminal obeys escaped."""
    parts = _SGR.split(text)
    return "".join(
        part if number % 2 else "\n".join(map(harmless, part.split("\n")))
        for number, part in enumerate(parts)
    )


def _visible(character: str) -> str:
    code = ord(character)
    spaces = code > 0x9F and code not in (0x2028, 0x2029) and character.isspace()
    if spaces or character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
