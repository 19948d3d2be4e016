"""The options of `produce` that say how records are made of its input."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypedDict

import click

from engine.broker.topics import COMPRESSIONS, MAX_RECORD_BYTES
from engine.regular_expressions import compiled
from tui.cli.options.grouping import only_one, option_group
from tui.cli.options.quantities import WholeNumber

if TYPE_CHECKING:
    from engine.broker.topics import Compression
    from engine.producer.sources.time_arrays import TimeTexts
    from engine.records.batch import Headers


class MakingOptions(TypedDict):
    """What was typed."""

    key: str | None
    key_separator: str | None
    json: bool
    raw: bool
    headers: tuple[str, ...]
    time_field: str | None
    time_regex: str | None
    multiline: str | None
    crlf: bool
    skip_bad: bool
    from_line: int
    compression: Compression | None
    max_record_bytes: int | None


making_options = option_group(
    click.option("--key", metavar="KEY", help="The key of every record."),
    click.option(
        "--key-separator", metavar="TEXT", help="The text between key and value in each line, e.g. ':'."
    ),
    click.option(
        "--json", is_flag=True, help="Each line is a JSON object, as 'consume -O json' prints them."
    ),
    click.option("--raw", is_flag=True, help="Each file is one record."),
    click.option(
        "--header",
        "headers",
        metavar="NAME=VALUE",
        multiple=True,
        help="A header of every record; repeatable.",
    ),
    click.option(
        "--time-field",
        metavar="PATH",
        help="The time of each record is in this field of its value, e.g. ts or log.time, whatever format "
        "the values have; without a zone it is local.",
    ),
    click.option(
        "--time-regex",
        metavar="REGEX",
        help="The time of each record is what this matches in its value: the first group, if it has one.",
    ),
    click.option(
        "--multiline",
        metavar="REGEX",
        help="A record begins with a line that this matches; other lines continue the record before them, as "
        "in stack traces.",
    ),
    click.option("--crlf", is_flag=True, help="Lines end with CRLF, whose CR is not part of a record."),
    click.option("--skip-bad", is_flag=True, help="Leave out lines that are no records, and count them."),
    click.option(
        "--from-line",
        type=WholeNumber(1),
        metavar="N",
        default=1,
        help="Begin with line N of the first file, to continue where an earlier attempt stopped.",
    ),
    click.option(
        "--compression",
        type=click.Choice(COMPRESSIONS),
        help="How these records are compressed on disk, regardless of the topic's setting.",
    ),
    click.option(
        "--max-record-bytes",
        metavar="BYTES",
        type=WholeNumber(1, 512 << 20),
        help="The maximum size of a record.  [default: 16 MiB; that of the cluster]",
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Making:
    """How records are made of the input; by default, a line is a value."""

    key: bytes | None
    separator: str | None
    json: bool
    raw: bool
    headers: Headers
    times: TimeTexts | None
    """Where the time of a record is in its value; None if that is when it is read."""
    multiline: str | None
    crlf: bool
    skip_bad: bool
    from_line: int
    max_record_bytes: int | None
    """Bytes of a record at most; None for the broker's limit."""
    compression: Compression | None
    """None for the topic's setting."""

    @property
    def limit(self) -> int:
        """Bytes that are read for one record at most."""
        return self.max_record_bytes or MAX_RECORD_BYTES


def making(typed: MakingOptions) -> Making:
    """What the options mean; `UsageError` if they contradict each other, `InvalidValueError`."""
    _check(typed)
    if typed["multiline"] is not None:
        compiled(typed["multiline"])
    return Making(
        key=None if typed["key"] is None else os.fsencode(typed["key"]),
        separator=typed["key_separator"],
        json=typed["json"],
        raw=typed["raw"],
        headers=tuple(map(_header, typed["headers"])),
        times=_times(typed["time_field"], typed["time_regex"]),
        multiline=typed["multiline"],
        crlf=typed["crlf"],
        skip_bad=typed["skip_bad"],
        from_line=typed["from_line"],
        max_record_bytes=typed["max_record_bytes"],
        compression=typed["compression"],
    )


def _check(typed: MakingOptions) -> None:
    raw = typed["raw"] or None
    kinds = {
        "--key": typed["key"],
        "--key-separator": typed["key_separator"],
        "--json": typed["json"] or None,
    }
    only_one(kinds)
    only_one({"--raw": raw, **kinds, "--key": None})
    only_one({"--time-field": typed["time_field"], "--time-regex": typed["time_regex"]})
    for option in ("multiline", "crlf", "skip_bad"):
        only_one({"--raw": raw, f"--{option.replace('_', '-')}": typed[option] or None})
    separator = typed["key_separator"]
    if separator is not None and not _is_text(separator):
        raise click.UsageError("--key-separator must not be empty")


def _is_text(text: str) -> bool:
    try:
        return bool(text.encode())
    except UnicodeEncodeError:
        return False


def _header(text: str) -> tuple[str, bytes]:
    name, separator, value = text.partition("=")
    if not separator or not _is_text(name):
        raise click.UsageError(f"invalid header '{text}': use NAME=VALUE")
    return name, os.fsencode(value)


def _times(field: str | None, regex: str | None) -> TimeTexts | None:
    if field is None and regex is None:
        return None
    from engine.fields.path import parse_path
    from engine.producer.sources.stamping import field_times, matched_times

    return field_times(parse_path(field)) if field is not None else matched_times(compiled(regex or ""))
