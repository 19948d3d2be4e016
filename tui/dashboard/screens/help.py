"""The keys in groups, and the signs, found by typing."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Input

from engine.live.evaluation.status import ConsumerState
from engine.records.verdicts import Verdict
from tui.dashboard.keys.bindings import Key, bindings
from tui.dashboard.keys.key_names import SYMBOLS, hint_line
from tui.dashboard.keys.sections import sections
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS, VERDICT_SIGNS
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.lines import Lines
from tui.dashboard.widgets.parts.reading import Reading
from tui.dashboard.widgets.parts.words import quiet


class Row(NamedTuple):
    """Keys or a sign, what they mean, and another name by which they are found."""

    sign: Content
    meaning: str
    label: str = ""

    @property
    def text(self) -> str:
        return f"{self.sign.plain} {self.meaning} {self.label}".lower()


Rows = Sequence[Row]
_KEYS_WIDTH = 10
"""Cells of the first column at least, so that most tables of a page align."""
_VERDICTS = {
    Verdict.PASS: "the filter passes the record",
    Verdict.DROP: "it drops the record",
    Verdict.ERROR: "it returned Err for it",
    Verdict.TRAP: "it crashed on it",
    Verdict.TIMEOUT: "it took too long",
    Verdict.PENDING: "not evaluated yet",
}
_STATES = {
    ConsumerState.BUILDING: "the first build is running",
    ConsumerState.LIVE: "the newest save is running",
    ConsumerState.EARLIER: "you went back to this build",
    ConsumerState.STALE: "build failed, older version runs",
    ConsumerState.FAILED: "the build failed",
    ConsumerState.STOPPED: "stopped after many crashes",
}
_MARKS = (
    ("v3", "the third version of a filter"),
    ("+ ~", "since the last reload: it passes, has another output"),
    ("»", "before a record that the search found"),
    ("▌ ▐", "on scroll bars: what it found; a trap, an error or a change"),
)


class Help(Dialogue[None]):
    """Explains the screen. What is typed filters it."""

    BINDINGS = bindings("help")

    def __init__(self, bindings: Iterable[Binding]) -> None:
        """`bindings` are the current keys of every action."""
        super().__init__()
        self._names = {
            one.id: "  ".join(SYMBOLS.get(key, key) for key in one.key.split(","))
            for one in bindings
            if one.key
        }
        self._keys = Lines("keys")
        self._signs = Lines("signs")

    def compose(self) -> ComposeResult:
        hints = {"close": "closes", "signs": "signs"}
        with Reading(classes="dialog", can_focus=False) as box:
            box.border_title = Content("help")
            box.border_subtitle = Content(hint_line(self, "help", hints))
            yield Input(placeholder="type to filter: a key, a word, a sign", compact=True)
            yield self._signs
            yield self._keys

    def on_mount(self) -> None:
        self._show("")

    def on_input_changed(self, event: Input.Changed) -> None:
        """Close on the help's own key, which is unlikely to be looked for."""
        if event.value == "?":
            self.dismiss()
        else:
            self._show(event.value)

    def on_input_submitted(self) -> None:
        """Close, as it does where the input has not the focus."""
        self.dismiss()

    def action_signs(self) -> None:
        """Show the signs instead of the keys, for where there is no room for both."""
        self.toggle_class("-signs")

    def _show(self, wanted: str) -> None:
        words = wanted.lower().split()
        keys = [(title, self._rows(listed)) for title, listed in sections().items()]
        self._keys.show(_tables([*keys, ("Everywhere", _EVERYWHERE)], words) or [quiet("nothing found")])
        self._signs.show(_tables(_legend(), words) or _tables(_legend(), ()))

    def _rows(self, keys: Iterable[Key]) -> Rows:
        """A row for each key that is in use; of actions that share one, the first says what it does."""
        rows: dict[str, Row] = {}
        for key in keys:
            if name := self._names.get(key.id):
                rows.setdefault(name, Row(_bold(name), key.about or key.label, key.label))
        return [*rows.values()]


def _bold(text: str, colour: str = "$primary") -> Content:
    return Content.styled(text, f"bold {colour}")


_EVERYWHERE = [
    Row(_bold("0 … 9"), "Go to that pane; from 10 on, with Next pane"),
    Row(_bold("ctrl+p"), "All actions by name, and themes"),
    Row(_bold("ctrl+c"), "Quit"),
    Row(_bold("ctrl+z"), "Go to the shell"),
]


def _legend() -> list[tuple[str, Rows]]:
    states = [
        Row(Content.styled(f"{STATE_SIGNS[state]} {state.value}", STATE_COLOURS[state]), words)
        for state, words in _STATES.items()
    ]
    verdicts = [Row(_bold(VERDICT_SIGNS[one], "$foreground"), words) for one, words in _VERDICTS.items()]
    marks = [Row(_bold(mark, "$foreground"), words) for mark, words in _MARKS]
    return [("Verdicts", verdicts), ("States", states), ("Marks", marks)]


def _tables(tables: Iterable[tuple[str, Rows]], words: Sequence[str]) -> Sequence[Content]:
    """The lines of rows that contain all words, under their titles."""
    lines: list[Content] = []
    for title, rows in tables:
        kept = [row for row in rows if all(word in f"{title.lower()} {row.text}" for word in words)]
        if kept:
            above = [Content()] if lines else []
            lines += [*above, Content.styled(title, "bold"), *_table(kept)]
    return lines


def _table(rows: Rows) -> Iterable[Content]:
    width = max(_KEYS_WIDTH, *(row.sign.cell_length + 2 for row in rows))
    return (row.sign + " " * (width - row.sign.cell_length) + quiet(row.meaning) for row in rows)
