"""Which columns say most about the records of a topic: a guess from the newest of them."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise, takewhile

from rich.cells import cell_len

from engine.fields.format import Format
from engine.fields.path import Path, path_text
from engine.fields.profile import FieldProfile, FieldType, profile
from engine.fields.table import BINARY, TEXT
from engine.records.batch import Batch
from tui import format as formatting
from tui.dashboard.present.columns.column import VALUE, Column, Part, Tone

SAMPLE_RECORDS = 100
SAMPLE_BYTES = 256 << 10
_MOST = 8
"""Fields that are shown: of those that say most."""
_RARE = 0.05
"""Fields that fewer of the records have are shown only if a SmartStream reads them."""
_CLOCK, _SHORT_CLOCK, _DATE = 12, 8, 10
"""Cells of times of day, with and without milliseconds, and of the date before them."""
_NARROWEST = 6
_WHOLE = 8
"""A text that has no more cells is not cut: too little would be left of it."""
_WIDEST = 24
_WIDEST_TITLE = 12
_SHORTEST_TITLE = 3
"""Above a number: less of it says nothing."""
_FLEXIBLE = 13
"""Characters from which on a text may take the room that others leave."""
_SAME_BEGINNING = 8
_CATEGORIES = 20
"""Values of a field that tell kinds of records apart."""
_RECORD_RANK = 1.5
"""Of time and key: most fields of a flat value say more."""
_READ_RANK = -3.0
"""Of fields that a SmartStream reads: no dullness is less."""
_TONES = {FieldType.NUMBER: Tone.NUMBER, FieldType.BOOL: Tone.NUMBER, FieldType.TIME: Tone.TIME}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The newest records of a topic, the newest first."""

    values: Sequence[bytes | None] = ()
    keys: Sequence[bytes | None] = ()
    timestamps: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Guess:
    """How the records of a topic are best shown."""

    format: Format = TEXT
    columns: Sequence[Column] = (VALUE,)
    constants: Sequence[tuple[str, str]] = ()
    """Fields that all records have with the same value, with their names."""
    profiles: Sequence[FieldProfile] = ()


def sample(newest: Iterable[tuple[Batch, int]]) -> Sample:
    """Of some records, each in its batch, a few; larger ones only as far as there is room."""
    values, keys, timestamps = [], [], []
    room = SAMPLE_BYTES
    for batch, index in islice(newest, SAMPLE_RECORDS):
        room -= len(batch.value_view(index))
        if room < 0:
            break
        record = batch.record(index)
        values.append(record.value)
        keys.append(record.key)
        timestamps.append(record.timestamp)
    return Sample(values=values, keys=keys, timestamps=timestamps)


def guess(of: Sample, format: Format, read: Sequence[Path] = ()) -> Guess:
    """Columns for some records of a format; fields that are `read` come first."""
    profiles = () if format in (TEXT, BINARY) else profile(format, of.values)
    chosen = _chosen(profiles, read)
    # A text may well begin with its time, and values that have no fields to show are shown as text.
    timed = not chosen or any(one.type is FieldType.TIME for one in chosen)
    columns = [*_record_columns(of, timed=timed), *(field_columns(chosen, read) or [VALUE])]
    several = len(of.values) > 1
    return Guess(
        format=format,
        columns=tuple(columns),
        constants=[(path_text(one.path), one.examples[0]) for one in profiles if one.constant and several],
        profiles=profiles,
    )


def _record_columns(of: Sample, *, timed: bool) -> Sequence[Column]:
    """Time and key, where they say something; `timed` if a field says the time."""
    columns = []
    if not timed and len(set(of.timestamps)) > 1:
        columns.append(time_column())
    keys = {key for key in of.keys if key is not None}
    if len(keys) > 1:
        columns.append(key_column(max(map(_key_cells, keys))))
    return columns


def time_column() -> Column:
    """The column of record times."""
    return Column(
        part=Part.TIME,
        title="TIME",
        width=_CLOCK,
        narrowest=_SHORT_CLOCK,
        steps=(_SHORT_CLOCK,),
        rank=_RECORD_RANK,
        tone=Tone.TIME,
    )


def key_column(cells: int = _WIDEST) -> Column:
    """The column of keys that take this many cells."""
    width = min(max(cells, 3), _WIDEST)
    return Column(
        part=Part.KEY, title="KEY", width=width, narrowest=_NARROWEST, rank=_RECORD_RANK, tone=Tone.KEY
    )


def partition_column() -> Column:
    """The column of partitions."""
    return Column(part=Part.PARTITION, title="P", width=2, narrowest=2, right=True, tone=Tone.QUIET)


def field_columns(fields: Sequence[FieldProfile], read: Sequence[Path] = ()) -> Sequence[Column]:
    """The columns of some fields: the longest text takes what room the others leave."""
    longest = _longest(fields)
    ranks = [_READ_RANK if one.path in read else _dullness(one) for one in fields]
    titles = _titles([one.path for one in fields])
    return [
        _field_column(one, title, flexible=one is longest, rank=rank)
        for one, title, rank in zip(fields, titles, ranks, strict=True)
    ]


def _field_column(one: FieldProfile, title: str, *, flexible: bool, rank: float) -> Column:
    cells = max([one.width, *map(cell_len, one.examples)])
    same = _same_beginning(one.examples)
    if one.type is FieldType.TIME and same >= _DATE:
        cells = min(cells, _CLOCK)
    width = max(min(cells, _WIDEST), min(cell_len(title), _WIDEST_TITLE), 1)
    shortest = cells if cells <= _WHOLE else _NARROWEST
    least = {FieldType.NUMBER: max(cells, _SHORTEST_TITLE), FieldType.TIME: _SHORT_CLOCK}.get(
        one.type, shortest
    )
    return Column(
        path=one.path,
        title=title,
        width=cells if flexible else width,
        # A number that is cut reads as another one.
        narrowest=min(width, least),
        steps=(_SHORT_CLOCK, _CLOCK) if one.type is FieldType.TIME else (),
        flexible=flexible,
        rank=rank,
        right=one.type is FieldType.NUMBER,
        middle=cells > _WIDEST and same >= _SAME_BEGINNING,
        tone=_TONES.get(one.type),
    )


def _titles(paths: Sequence[Path]) -> Sequence[str]:
    """The last step of each path, where no other is called so; else all of it."""
    short = ["value" if not path else "" if isinstance(path[-1], int) else path[-1] for path in paths]
    counted = Counter(short)
    return [
        formatting.harmless(name if name and counted[name] == 1 else path_text(path))
        for path, name in zip(paths, short, strict=True)
    ]


def _chosen(profiles: Sequence[FieldProfile], read: Sequence[Path]) -> Sequence[FieldProfile]:
    """The fields to show, in order: those that are read, then as they are in the values, a long text last."""
    varying = [one for one in profiles if not one.constant and (one.path in read or _common(one))]
    best = sorted(varying, key=lambda one: (one.path not in read, _dullness(one)))[:_MOST]
    first = sorted((one for one in best if one.path in read), key=lambda one: read.index(one.path))
    chosen = [*first, *(one for one in varying if one in best and one not in first)]
    last = _longest(chosen)
    return sorted(chosen, key=lambda one: one is last)


def _reads(one: FieldProfile) -> bool:
    """Whether a text has words, or is a path."""
    return any(" " in text or "/" in text for text in one.examples)


def _common(one: FieldProfile) -> bool:
    """Whether enough records have a field; of lists, only the first member is looked at.

    One that is null or nothing is none: in other records it may be an object, whose fields are columns.
    """
    has = one.share >= _RARE and one.type is not FieldType.NULL
    return has and not any(isinstance(step, int) and step for step in one.path)


def _longest(fields: Sequence[FieldProfile]) -> FieldProfile | None:
    """The text that may take the room that others leave: something to read, not an identifier."""
    texts = [one for one in fields if one.type in (FieldType.TEXT, FieldType.MIXED) and _reads(one)]
    longest = max(texts, key=lambda one: one.width, default=None)
    return None if longest is None or longest.width < _FLEXIBLE else longest


def _dullness(one: FieldProfile) -> float:
    """Greater for fields that say less: those deep inside, rare, different in each record, or no words.

    A number that is one more in each record says what the offset says.
    """
    of_each = one.distinct > _CATEGORIES and one.type is not FieldType.TIME
    no_words = one.width > _FLEXIBLE and not _reads(one)
    in_lists = sum(isinstance(step, int) for step in one.path)
    time = one.type is FieldType.TIME
    says_nothing = (no_words and not time) or _counts_records(one)
    return len(one.path) + 2 * in_lists + of_each + 3 * says_nothing + 2 * (1 - one.share) - 2 * time


def _counts_records(one: FieldProfile) -> bool:
    """Whether a field is a number that rises, or falls, by one from record to record."""
    if one.distinct <= len(one.examples) or not all(text.isdecimal() for text in one.examples):
        return False
    steps = {int(later) - int(earlier) for earlier, later in pairwise(one.examples)}
    return steps in ({1}, {-1})


def _same_beginning(texts: Sequence[str]) -> int:
    """How many characters some texts begin with that are the same in all."""
    if len(texts) < 2:
        return 0
    return sum(1 for _ in takewhile(lambda same: len(set(same)) == 1, zip(*texts, strict=False)))


def _key_cells(key: bytes) -> int:
    return cell_len(formatting.harmless(formatting.decode(key[:_WIDEST])))
