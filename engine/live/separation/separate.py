"""Which fields tell the verdicts of a window apart: pure, on whichever thread calls."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.fields.arrays import Array
from engine.fields.format import FieldReader, Format
from engine.fields.table import SAMPLE_BYTES
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.separation.condition import Part, Subject, as_text, lengths_of, text_of_keys
from engine.live.separation.groups import Group, grouped
from engine.live.separation.ranges import Classes
from engine.live.separation.words import worded
from engine.live.window.snapshot import WindowSnapshot
from engine.records.verdicts import Verdict

SECONDS = 0.6
"""How long records are read; what is not read by then is estimated from those that were."""
_SLICE = 4_096
"""Records that are read at once."""
_RARE = 2_000
"""All records of a class with so few are read."""
_SAMPLE = 100
"""Records of each class by which a format finds out about its fields."""
_FEW_TEXTS, _DIFFERENT = 500, 0.8
_CLASSES = np.full(256, -1, np.intp)
_CLASSES[[Verdict.PASS, Verdict.DROP]] = 0, 1
_CLASSES[[Verdict.ERROR, Verdict.TRAP, Verdict.TIMEOUT]] = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class SeparatingField:
    """One field, or part of records, and its groups."""

    subject: Subject
    score: float
    """As `Grouped.score`."""
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Separation:
    """What the fields of some records tell about their verdicts."""

    fields: tuple[SeparatingField, ...] = ()
    """Those that tell most first."""
    format: str = ""
    records: int = 0
    """Evaluated ones."""
    read: int = 0
    """How many of them were read: if not all, counts are estimates."""
    counts: tuple[int, int, int] = (0, 0, 0)
    """How many passed, were dropped, failed."""
    sample: tuple[bytes, ...] = field(default=(), repr=False)
    """Values that have the fields."""


@dataclass(slots=True)
class _Columns:
    """What was read, in pieces."""

    pieces: dict[Subject, list[Array]] = field(default_factory=dict)
    classes: list[Classes] = field(default_factory=list)
    length: int = 0
    diverse: set[Subject] = field(default_factory=set)
    """In which nearly every record has another text, as in an identifier or a message."""

    def add(self, columns: Mapping[Subject, Array], classes: Classes) -> None:
        self.diverse |= {subject for subject, array in columns.items() if _differs(array)}
        for subject, array in columns.items():
            self._fill(subject, array.type).append(array)
        self.classes.append(classes)
        self.length += len(classes)

    def separating(self, counts: Classes) -> Iterator[SeparatingField | None]:
        """What each subject tells, None for nothing; `counts` are of all records, by class."""
        classes = np.concatenate([np.zeros(0, np.intp), *self.classes])
        seen = np.bincount(classes, minlength=3)
        weights = np.divide(counts, seen, out=np.ones(3), where=seen > 0)
        for subject, array in self.joined():
            made = (worded if subject in self.diverse else grouped)(array, classes, weights)
            if made is None:
                yield None
            else:
                yield SeparatingField(subject=subject, score=made.score, groups=made.groups)

    def joined(self) -> Iterator[tuple[Subject, Array]]:
        for subject, pieces in self.pieces.items():
            arrays = self._fill(subject, pieces[0].type)
            alike = len({array.type for array in arrays}) == 1
            yield subject, pa.concat_arrays(arrays if alike else [as_text(array) for array in arrays])

    def _fill(self, subject: Subject, kind: "pa.DataType") -> list[Array]:
        """The pieces of a column up to here, with nulls where it was not found."""
        arrays = self.pieces.setdefault(subject, [])
        missing = self.length - sum(map(len, arrays))
        if missing:
            arrays.append(pa.array([None], kind).take(np.zeros(missing, np.intp)))
        return arrays


def separate(
    window: WindowSnapshot,
    consumer: ConsumerSnapshot,
    format: Format,
    *,
    seconds: float = SECONDS,
    stopped: Callable[[], bool] = lambda: False,
    progress: Callable[[float], None] = lambda _: None,
) -> Separation | None:
    """What the fields of the evaluated records in memory tell; None if it was stopped.

    Reads for this many seconds at most, but at least once. `progress` is called with the share that is done.
    """
    rows = _evaluated(window, consumer)
    counts = np.bincount(rows.classes, minlength=3)
    sample = _sample(rows)
    reader = format.reader(sample)
    columns = _Columns()
    deadline = time.monotonic() + seconds
    for indices in _order(rows.classes, counts):
        if stopped():
            return None
        if columns.length and time.monotonic() > deadline:
            break
        columns.add(_read(rows, indices, reader), rows.classes[indices])
        progress(columns.length / len(rows.classes))
    found = []
    for one in columns.separating(counts):
        if stopped():
            return None
        found.append(one)
    return Separation(
        fields=tuple(sorted(filter(None, found), key=lambda one: -one.score)),
        format=format.name,
        records=len(rows.classes),
        read=columns.length,
        counts=(int(counts[0]), int(counts[1]), int(counts[2])),
        sample=tuple(sample),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Rows:
    """The evaluated records, each with its class."""

    values: Array
    keys: Array
    partitions: Array
    classes: npt.NDArray[np.intp]


def _evaluated(window: WindowSnapshot, consumer: ConsumerSnapshot) -> _Rows:
    first = max(window.start_row, consumer.first_row)
    classes = _CLASSES[consumer.verdicts[first - consumer.first_row :][: max(window.end_row - first, 0)]]
    batches = [
        chunk.batch.slice(0, min(len(chunk.batch), first + len(classes) - chunk.first_row))
        for chunk in window.batches(first)
        if chunk.first_row < first + len(classes)
    ]
    values = [batch.records.column("value") for batch in batches]
    keys = [batch.records.column("key") for batch in batches]
    names = pa.array([str(batch.partition) for batch in batches], pa.string())
    partitions = names.take(np.repeat(np.arange(len(batches)), [len(batch) for batch in batches]))
    known = pa.array(classes >= 0)
    return _Rows(
        values=_joined(values).filter(known),
        keys=_joined(keys).filter(known),
        partitions=partitions.filter(known),
        classes=classes[classes >= 0],
    )


def _joined(arrays: Sequence[Array]) -> Array:
    return pa.concat_arrays(arrays) if arrays else pa.nulls(0, pa.binary())


def _sample(rows: _Rows) -> list[bytes]:
    """Values of each class, the newest."""
    indices = [np.flatnonzero(rows.classes == kind)[-_SAMPLE:] for kind in range(3)]
    values = rows.values.take(np.concatenate(indices)).to_pylist()
    return [value for value in values if value and len(value) <= SAMPLE_BYTES]


def _order(classes: npt.NDArray[np.intp], counts: npt.NDArray[np.intp]) -> Iterator[npt.NDArray[np.intp]]:
    """All records, in parts: those of rare classes first, then each part from the whole window."""
    if not len(classes):
        return
    rare = (counts <= _RARE)[classes]
    common = np.flatnonzero(~rare)
    parts = max(-(-len(common) // _SLICE), 1)
    yield np.concatenate([np.flatnonzero(rare), common[::parts]])
    for part in range(1, parts):
        yield common[part::parts]


def _read(rows: _Rows, indices: npt.NDArray[np.intp], reader: FieldReader) -> dict[Subject, Array]:
    values = rows.values.take(indices)
    fields = reader(values)
    return dict(fields.columns) | {
        Part.FITS: pa.array(np.where(fields.fits, "yes", "no")),
        Part.KEY: text_of_keys(rows.keys.take(indices)),
        Part.PARTITION: rows.partitions.take(indices),
        Part.LENGTH: lengths_of(values),
    }


def _differs(column: Array) -> bool:
    """Whether nearly every text is another."""
    if not pa.types.is_string(column.type):
        return False
    texts = len(column) - column.null_count
    return texts > _FEW_TEXTS and pc.count_distinct(column).as_py() > _DIFFERENT * texts
