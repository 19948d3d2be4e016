"""The columns of a topic: guessed from its newest records, or chosen; and those of outputs that differ."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain

from engine.builds.languages import fields_read
from engine.fields.path import Path
from engine.fields.profile import FieldProfile, FieldType
from engine.fields.table import detect
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.snapshot import WindowSnapshot
from engine.records.batch import Batch
from tui.config.column_names import Name
from tui.dashboard.present.columns.column import VALUE, Column, Part, name_of
from tui.dashboard.present.columns.guess import (
    SAMPLE_RECORDS,
    Guess,
    field_columns,
    guess,
    key_column,
    partition_column,
    sample,
    time_column,
)
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.times import Times, TimeStyle, said

_ENOUGH = (1, 10, SAMPLE_RECORDS)
"""It is guessed again when there are this many records: the first few say little about the others."""
_UNKNOWN = 12
"""Characters of a field that none of the newest records has."""


class _Guesses:
    """The guess for one kind of records, while more of them come."""

    def __init__(self) -> None:
        self.guess = Guess()
        self._records = 0

    def due(self, records: int) -> bool:
        due = any(self._records < number <= records for number in _ENOUGH)
        self._records = max(records, self._records)
        return due

    def forget(self) -> None:
        self._records = 0


class TopicColumns:
    """Decides what the rows of all panes of a topic show."""

    def __init__(self, chosen: Sequence[Name] = (), time_style: TimeStyle = TimeStyle.LOCAL) -> None:
        self.texts = RowTexts()
        """For the records of the topic."""
        self.chosen = tuple(chosen)
        """What the user chose; empty for a guess."""
        self.time_style = time_style
        """Of the times of records."""
        self._read: tuple[Path, ...] = ()
        """The fields that SmartStreams read: their columns come first."""
        self._versions: tuple[tuple[int, int], ...] = ()
        """Of the consumers whose sources name them."""
        self._topic = _Guesses()
        self._outputs: dict[int, tuple[object, _Guesses, RowTexts]] = {}

    @property
    def guess(self) -> Guess:
        return self._topic.guess

    def times(self, now: float) -> Times:
        """Writes the times of records; `now` is in s since the epoch."""
        return Times(self.time_style, int(now) if self.ages else 0)

    @property
    def ages(self) -> bool:
        """Whether times change by themselves."""
        return self.time_style is TimeStyle.AGE

    @property
    def times_said(self) -> str:
        """The style of times in words; empty if there is nothing to say."""
        return said(self.time_style, in_rows=self.texts.timed)

    def observe(self, snapshot: WorkbenchSnapshot) -> None:
        """Guess, if there is more to guess from: records, their format, or what SmartStreams read."""
        self._read_sources(snapshot.consumers)
        window, format = snapshot.window, snapshot.format
        if format is not self.guess.format:
            self._topic.forget()
        if self._topic.due(window.end_row - window.start_row):
            self._topic.guess = guess(sample(_newest(window)), format, self._read)
            self._show()

    def _read_sources(self, consumers: Sequence[ConsumerSnapshot]) -> None:
        """Learn which fields the versions that run read."""
        versions = tuple((one.id, one.version) for one in consumers)
        if versions == self._versions:
            return
        self._versions = versions
        before, self._read = self._read, tuple(chain.from_iterable(map(_paths_read, consumers)))
        if before != self._read:
            self._topic.forget()

    @property
    def names(self) -> Sequence[Name]:
        """Of the columns that are shown."""
        return self.chosen or [Name(name_of(column)) for column in self.texts.columns]

    def choose(self, names: Sequence[Name]) -> None:
        """Show the columns that are called so; without names, those that are guessed."""
        self.chosen = tuple(names)
        self._show()
        self._outputs.clear()

    def texts_of(self, consumer: ConsumerSnapshot | None) -> RowTexts:
        """For what a consumer makes; `texts`, unless that has other fields than the records."""
        if consumer is None or consumer.outputs is None:
            return self.texts
        blocks = consumer.outputs.blocks
        content, guesses, texts = self._outputs.get(consumer.id, (None, _Guesses(), self.texts))
        if content is not consumer.outputs.content:
            guesses = _Guesses()
        if guesses.due(sum(len(block.batch) for block in blocks)):
            made = ((block.batch, index) for block in reversed(blocks) for index in _backwards(block.batch))
            found = sample(made)
            guesses.guess = guess(found, detect(found.values), self._read)
            texts = self._of_outputs(guesses.guess)
        self._outputs[consumer.id] = (consumer.outputs.content, guesses, texts)
        return texts

    def _of_outputs(self, found: Guess) -> RowTexts:
        paths = {one.path for one in found.profiles}
        shown = [column.path for column in self.texts.columns if column.part is Part.FIELD]
        if shown and paths.issuperset(shown) and type(found.format) is type(self.guess.format):
            return self.texts
        names = [name for name in self.chosen if name.path is None or name.path in paths]
        fields = any(name.path is not None for name in names)
        return RowTexts(named_columns(names, found.profiles) if fields else found.columns, found.format)

    def _show(self) -> None:
        columns = self.guess.columns
        if self.chosen:
            columns = named_columns(self.chosen, self.guess.profiles)
        if (tuple(columns), self.guess.format) != (self.texts.columns, self.texts.format):
            self.texts = RowTexts(columns, self.guess.format)


_PARTS: Mapping[str, Callable[[], Column]] = {
    Part.KEY.value: key_column,
    Part.TIME.value: time_column,
    Part.PARTITION.value: partition_column,
    Part.VALUE.value: lambda: VALUE,
}


def named_columns(names: Sequence[Name], profiles: Sequence[FieldProfile]) -> Sequence[Column]:
    """The columns of those names."""
    known = {one.path: one for one in profiles}
    paths = [name.path for name in names if name.path is not None]
    columns = dict(
        zip(paths, field_columns([known.get(path) or _unknown(path) for path in paths]), strict=True)
    )
    return tuple(_named(name, columns, rank) for rank, name in enumerate(names))


def _named(name: Name, columns: Mapping[Path, Column], rank: int) -> Column:
    """The column of a name: what was chosen first gives way last."""
    found = _PARTS[name.name]() if name.path is None else columns[name.path]
    column = replace(found, rank=rank)
    if name.width is None:
        return column
    return replace(column, width=name.width, narrowest=name.width, flexible=False)


def _unknown(path: Path) -> FieldProfile:
    return replace(_NOTHING, path=path)


_NOTHING = FieldProfile(
    path=(), type=FieldType.TEXT, share=0, distinct=0, examples=(), constant=False, width=_UNKNOWN
)


def _paths_read(consumer: ConsumerSnapshot) -> Iterator[Path]:
    """The fields that the source of the version that runs names, if it is kept."""
    for entry in consumer.history:
        if entry.version == consumer.version:
            for source in entry.sources:
                yield from fields_read(source.path, source.text)


def _newest(window: WindowSnapshot) -> Iterator[tuple[Batch, int]]:
    rows = range(window.end_row - 1, window.start_row - 1, -1)
    return map(window.locate, rows)


def _backwards(batch: Batch) -> range:
    return range(len(batch) - 1, -1, -1)
