"""The table of fields: what tells the passed records of a pane from the dropped ones."""

import asyncio
import time
from collections.abc import Callable

from textual.app import ComposeResult
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from engine import units
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.separation.field_matcher import FieldMatcher
from engine.live.separation.separate import Separation
from engine.live.separation.separator import Separator
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.matcher import Matcher
from tui import format
from tui.dashboard.flow.frame_rate import Waker
from tui.dashboard.present import field_table
from tui.dashboard.present.field_table import FieldLine, GroupLine
from tui.dashboard.present.filter_colours import filter_colour
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.words import QUIET, Words, filter_name, quiet

_LEAST_SECONDS, _SHARE = 1.0, 20
"""Fields are read again after this many seconds, and after this many times as long as that takes."""
_NAME_LEAST, _NAME_MOST = 12, 36
_BAR_MOST = 40
"""Cells of names and bars."""
_HEADINGS = ("passed", "dropped", "failed")
_GLYPHS = ("█", "░", "▒")


class FieldsPanel(Tab):
    """A line per field, those that tell most first, and one for each group of its records."""

    label, key = "Fields", "dashboard.fields"

    class Chosen(Message):
        """A group was chosen: show its records."""

        def __init__(self, matcher: Matcher, words: str) -> None:
            super().__init__()
            self.matcher = matcher
            self.words = words

    class Progress(Message):
        """The table got on."""

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self._deck = deck
        self._title = Words(classes="title")
        self._list = Menu(compact=True)
        self._separator: Separator | None = None
        self._of: tuple[object, ...] = ()
        """What the separation is of: a consumer's id, its version, a format."""
        self._end_row = 0
        self._began = 0.0
        self._due: float | None = None
        """When new records are read; None while some are."""
        self._shown: Separation | None = None
        self._snapshot: WorkbenchSnapshot | None = None
        """The last one that was drawn, while this is open."""
        self._lines: list[FieldLine | GroupLine] = []
        self._wake: Callable[[], None] = lambda: None

    def compose(self) -> ComposeResult:
        yield from (self._title, self._list)

    def on_mount(self) -> None:
        self._wake = Waker(asyncio.get_running_loop(), lambda: self.post_message(self.Progress()))

    def on_unmount(self) -> None:
        if self._separator is not None:
            self._separator.close()

    @property
    def keys_go_to(self) -> Widget:
        return self._list

    def offered(self, snapshot: WorkbenchSnapshot) -> bool:
        return bool(snapshot.consumers)

    def close(self) -> None:
        self._stop()
        self._of, self._shown, self._snapshot = (), None, None

    def on_fields_panel_progress(self, message: Progress) -> None:
        message.stop()
        if self._snapshot is not None:
            self.show(self._snapshot)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        self._snapshot = snapshot
        consumer = self._consumer(snapshot)
        if consumer is None:
            return False
        self._follow(snapshot, consumer)
        found = None if self._separator is None else self._separator.found
        changed = found is not None and found is not self._shown
        if found is not None and changed:
            self._shown = found
            self._draw_lines(found, consumer)
        return self._title.say(self._said(consumer)) or changed

    def _consumer(self, snapshot: WorkbenchSnapshot) -> ConsumerSnapshot | None:
        """That of the current pane, else the first."""
        here = snapshot.consumer(self._deck.current.consumer)
        return here or next(iter(snapshot.consumers), None)

    def _follow(self, snapshot: WorkbenchSnapshot, consumer: ConsumerSnapshot) -> None:
        """Begin again for another filter, version or format, and for new records once they are due."""
        separator, now = self._separator, time.monotonic()
        if separator is not None and separator.done == 1.0 and self._due is None:
            wait = max(_LEAST_SECONDS, _SHARE * (now - self._began))
            self._due = now + wait
            self.set_timer(wait, lambda: self.post_message(self.Progress()))
        of = (consumer.id, consumer.version, snapshot.format.name)
        more = self._due is not None and now >= self._due and consumer.position != self._end_row
        if of != self._of or more:
            if of[0] != (self._of or (None,))[0]:
                self._shown = None
                self._list.clear_options()
            self._stop()
            self._of, self._end_row, self._began, self._due = of, consumer.position, now, None
            self._separator = Separator(snapshot.window, consumer, snapshot.format, self._wake)

    def _stop(self) -> None:
        if self._separator is not None:
            self._separator.stop()
            self._separator = None

    def _said(self, consumer: ConsumerSnapshot) -> Content:
        name = filter_name(consumer) + "  "
        separator, found = self._separator, self._shown
        if separator is not None and separator.problem:
            return name + Content.styled(format.harmless(separator.problem), "$text-error")
        if found is None:
            done = 0.0 if separator is None else separator.done
            return name + quiet(f"reading fields · {done:.0%}")
        read = units.count(found.read)
        of = "" if found.read == found.records else f" sampled of {units.count(found.records)}"
        about = quiet(f"  {read}{of} records · {found.format.partition(':')[0]}")
        return name + Content.styled(field_table.summary(found), "bold") + about

    def _draw_lines(self, found: Separation, consumer: ConsumerSnapshot) -> None:
        chosen = self._highlighted()
        self._lines = list(field_table.lines(found))
        table = _Table(self._lines, self.size.width or self.app.size.width, filter_colour(consumer.id))
        options = [
            Option(table.line(line), id=str(number), disabled=isinstance(line, FieldLine))
            for number, line in enumerate(self._lines)
        ]
        rest = field_table.silent(found)
        if rest:
            options.append(Option(quiet(format.clip(rest, table.width)), disabled=True))
        self._list.set_options(options)
        conditions = [line.condition if isinstance(line, GroupLine) else None for line in self._lines]
        if chosen in conditions and chosen is not None:
            self._list.highlighted = conditions.index(chosen)
        elif len(self._lines) > 1:
            self._list.highlighted = 1

    def _highlighted(self) -> object:
        place = self._list.highlighted
        line = self._lines[place] if place is not None and place < len(self._lines) else None
        return line.condition if isinstance(line, GroupLine) else None

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        line = self._lines[event.option_index]
        separator, found = self._separator, self._shown
        if isinstance(line, GroupLine) and found is not None and separator is not None:
            matcher = FieldMatcher(separator.format, line.condition, found.sample)
            name = field_table.subject_name(line.condition.subject, found.format)
            self.post_message(self.Chosen(matcher, f"{name}: {line.name}"))


class _Table:
    """Columns that fit a width: names, counts, bars."""

    def __init__(self, lines: list[FieldLine | GroupLine], width: int, colour: int) -> None:
        self.width = max(width - 2, 20)
        groups = [line for line in lines if isinstance(line, GroupLine)]
        longest = max((format.widest(line.name) for line in groups), default=0) + 2
        self._name = min(max(longest, _NAME_LEAST), _NAME_MOST, self.width // 3)
        counted = [[units.count(line.counts[kind]) for line in groups] for kind in range(3)]
        self._counts = [
            max(map(len, [heading, *column])) for heading, column in zip(_HEADINGS, counted, strict=True)
        ]
        self._styles = (f"$filter-{colour}", f"$filter-{colour} 50%", "$error")
        self._bar = min(max(self.width - self._name - sum(self._counts) - 8, 0), _BAR_MOST)

    def line(self, line: FieldLine | GroupLine) -> Content:
        return self._field(line) if isinstance(line, FieldLine) else self._group(line)

    def _field(self, line: FieldLine) -> Content:
        name = format.clip(line.name, self._name)
        numbers = "".join(
            f"{heading:>{width + 2}}" for heading, width in zip(_HEADINGS, self._counts, strict=True)
        )
        tells = f"  tells {units.percent(line.score)}"
        return Content.styled(_padded(name, self._name), "bold") + quiet(numbers) + Content(tells)

    def _group(self, line: GroupLine) -> Content:
        name = "  " + format.clip(line.name, self._name - 2)
        numbers = [
            Content.styled(f"{units.count(count):>{width + 2}}", QUIET if not count else style)
            for count, width, style in zip(line.counts, self._counts, self._styles, strict=True)
        ]
        return Content.assemble(_padded(name, self._name), *numbers, "  ", *self._bars(line))

    def _bars(self, line: GroupLine) -> list[Content]:
        """A bar as long as the group is large, in which each verdict has its share."""
        length, total = round(self._bar * line.share), max(sum(line.counts), 1)
        ends = [round(length * sum(line.counts[: kind + 1]) / total) for kind in range(3)]
        cells = [end - start for start, end in zip([0, *ends], ends, strict=False)]
        return [
            Content.styled(glyph * count, style)
            for glyph, count, style in zip(_GLYPHS, cells, self._styles, strict=True)
        ]


def _padded(text: str, width: int) -> str:
    return text + " " * (width - format.widest(text))
