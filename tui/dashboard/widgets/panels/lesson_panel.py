"""The panel of the lesson: the steps of the loop, ticked off as you take them."""

from collections.abc import Iterator, Mapping
from functools import partial

from textual.app import ComposeResult
from textual.content import Content

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.keys.key_names import key_name
from tui.dashboard.present import lesson
from tui.dashboard.present.lesson import Progress, Step
from tui.dashboard.widgets.panels.tab import Tab
from tui.dashboard.widgets.panes.deck import Deck
from tui.dashboard.widgets.parts.words import QUIET, Words

LEAST_PANES = 11
"""Rows that the panes keep; with less room, only the next step is shown."""
_ROWS = 2 + len(Step)
_LABEL = 2 + max(len(step.value) for step in Step)
_PANES = "the raw pane has every record, a filter's pane those it passes"


class LessonPanel(Tab):
    """Shows the steps until it is closed."""

    label, key, stays = "Lesson", "dashboard.lesson", True

    def __init__(self, deck: Deck) -> None:
        super().__init__()
        self.progress = Progress()
        self._deck = deck
        self._running = False
        self._steps = Words()
        self._words: Mapping[Step, lesson.Words] = {}

    def compose(self) -> ComposeResult:
        yield self._steps

    @property
    def text(self) -> str:
        return str(self._steps.content)

    def open(self, snapshot: WorkbenchSnapshot) -> None:  # noqa: ARG002
        """Begin with the steps that are left, or from the start if none is."""
        self._running = True
        if self.progress.next is None:
            self.progress = Progress()

    def close(self) -> None:
        self._running = False

    def note(self, step: Step) -> None:
        if self._running:
            self.progress = self.progress.with_done(step)

    def show(self, snapshot: WorkbenchSnapshot) -> bool:
        self.progress = progress = self.progress.after(snapshot)
        key, here = partial(key_name, self), self._deck.current.consumer
        self._words = {step: lesson.words(step, progress, snapshot, here, key) for step in Step}
        return self._write()

    def on_resize(self) -> None:
        if self._words:
            # Not now: during a layout, Textual would miss that this needs another height.
            self.call_after_refresh(self._write)

    def _write(self) -> bool:
        width = self.size.width
        return self._steps.say(
            Content("\n").join(line.truncate(width, ellipsis=True) for line in self._lines(width))
        )

    def _lines(self, width: int) -> Iterator[Content]:
        room = self._deck.size.height + self.size.height
        if self.progress.next is None:
            yield self._in_brief(width)
            yield Content(f"that is the loop; {key_name(self, 'dashboard.help')} shows everything else")
        elif room < _ROWS + LEAST_PANES:
            yield self._in_brief(width)
            yield Content.styled(self._words[self.progress.next].what, "bold")
        else:
            title = Content.styled("the loop", "bold $primary") + Content.styled(f"  {_PANES}", QUIET)
            yield self._with_keys(title, width)
            for step in Step:
                yield from self._in_full(step)

    def _in_full(self, step: Step) -> Iterator[Content]:
        line = _label(step, self.progress) + " " * (_LABEL - len(step.value))
        is_next = step is self.progress.next
        yield line + Content.styled(self._words[step].what, "bold" if is_next else QUIET)
        if is_next:
            yield Content(" " * (_LABEL + 2)) + Content.styled(self._words[step].how, QUIET)

    def _in_brief(self, width: int) -> Content:
        return self._with_keys(Content("  ").join(_label(step, self.progress) for step in Step), width)

    def _with_keys(self, left: Content, width: int) -> Content:
        """A line that ends with the key that closes the panel, if there is room."""
        away, again = key_name(self, "dashboard.close_panel"), key_name(self, "dashboard.lesson")
        forms = (f"{away} hides · {again} shows again", f"{away} closes", "")
        right = next(form for form in forms if not form or left.cell_length + len(form) + 2 <= width)
        gap = " " * max(width - left.cell_length - len(right), 0)
        return left + gap + Content.styled(right, QUIET)


def _label(step: Step, progress: Progress) -> Content:
    """A step's name with its sign: done, next, or left."""
    if step in progress.done:
        return Content.styled("✓ ", "bold $success") + Content.styled(step.value, QUIET)
    if step is progress.next:
        return Content.styled(f"▸ {step.value}", "bold $primary")
    return Content.styled(f"○ {step.value}", QUIET)
