"""The keys and the signs, on one page."""

from collections.abc import Iterable

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from engine.live.evaluation.status import ConsumerState
from engine.records.verdicts import Verdict
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import SYMBOLS, hint_line
from tui.dashboard.present.signs import STATE_COLOURS, STATE_SIGNS, VERDICT_SIGNS
from tui.dashboard.widgets.parts.reading import Reading
from tui.dashboard.widgets.parts.words import quiet

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
    ("! ✗ + •", "on scroll bars: trap, error, change, match"),
)


class Help(ModalScreen[None]):
    """Explains the screen."""

    BINDINGS = bindings("help")

    def __init__(self, bindings: Iterable[Binding]) -> None:
        super().__init__()
        self._keys = list(bindings)

    def compose(self) -> ComposeResult:
        with Reading(classes="dialog") as box:
            box.border_title = Content("help")
            box.border_subtitle = Content(hint_line(self, "help", {"close": "closes"}))
            yield Horizontal(
                Static(_table(_keys(self._keys)), classes="keys"), Static(_signs(), classes="signs")
            )


def _keys(bindings: Iterable[Binding]) -> list[tuple[Content, str]]:
    rows: dict[str, str] = {}
    for binding in filter(lambda one: one.key, bindings):
        keys = "  ".join(SYMBOLS.get(key, key) for key in binding.key.split(","))
        rows.setdefault(keys, binding.tooltip or binding.description)
    rows |= {"0 … 9": "Go to the pane of that number", "ctrl+p": "All actions by name, and themes"}
    return [(Content.styled(keys, "bold $primary"), words) for keys, words in rows.items()]


def _signs() -> Content:
    verdicts = [(Content.styled(VERDICT_SIGNS[one], "bold"), words) for one, words in _VERDICTS.items()]
    states = [
        (Content.styled(f"{STATE_SIGNS[state]} {state.value}", STATE_COLOURS[state]), words)
        for state, words in _STATES.items()
    ]
    marks = [(Content.styled(mark, "bold"), words) for mark, words in _MARKS]
    return Content("\n\n").join([_table(verdicts), _table(states), _table(marks)])


def _table(rows: list[tuple[Content, str]]) -> Content:
    width = max(keys.cell_length for keys, _ in rows) + 2
    return Content("\n").join(keys + " " * (width - keys.cell_length) + quiet(words) for keys, words in rows)
