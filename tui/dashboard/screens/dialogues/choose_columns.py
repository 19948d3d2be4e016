"""The columns of the rows: which are shown, in which order, and how wide. What is typed filters them."""

from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from tui import format
from tui.config.column_names import Name
from tui.dashboard.keys.bindings import bindings
from tui.dashboard.keys.key_names import hint_line
from tui.dashboard.present.columns.choice import Candidate, Choice
from tui.dashboard.screens.dialogues.dialogue import Dialogue
from tui.dashboard.widgets.parts.words import quiet

_NAME, _TYPE, _SHARE, _DISTINCT, _WIDTH = 24, 7, 6, 13, 4


class _Wanted(Input):
    """Leaves the keys that select text to the columns."""

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        selects = action in ("cursor_left", "cursor_right") and parameters == (True,)
        return False if selects else super().check_action(action, parameters)


class ChooseColumns(Dialogue[None]):
    """Shows each choice at once in the rows behind it."""

    BINDINGS: ClassVar[list[BindingType]] = bindings("columns")

    def __init__(
        self, choice: Choice, widths: Callable[[], Mapping[str, int]], show: Callable[[Sequence[Name]], None]
    ) -> None:
        """`widths` are those of the columns in view; `show` takes what is chosen, nothing for a guess."""
        super().__init__()
        self._choice = choice
        self._widths = widths
        self._show = show
        self._input = _Wanted(placeholder="type to filter", compact=True)
        self._list = OptionList(compact=True)
        self._list.can_focus = False

    def compose(self) -> ComposeResult:
        with Vertical(classes="dialog") as box:
            box.border_title = Content("columns")
            hints = {
                "toggle": "shows or hides",
                "later": "later",
                "earlier": "earlier",
                "wider": "wider",
                "guess": "guesses",
                "close": "closes",
            }
            box.border_subtitle = Content(hint_line(self, "columns", hints))
            yield from (self._input, self._list)

    def on_mount(self) -> None:
        self._draw()

    def on_input_changed(self) -> None:
        self._draw()

    def on_input_submitted(self) -> None:
        self.action_turn()

    def on_option_list_option_selected(self, message: OptionList.OptionSelected) -> None:
        self._list.highlighted = message.option_index
        self.action_turn()

    def action_highlight(self, step: int) -> None:
        if self._list.option_count:
            self._list.highlighted = ((self._list.highlighted or 0) + step) % self._list.option_count

    def action_turn(self) -> None:
        self._change(self._choice.toggle)

    def action_order(self, step: int) -> None:
        self._change(lambda name: self._choice.move(name, step))

    def action_resize(self, step: int) -> None:
        self._change(lambda name: self._choice.resize(name, self._widths().get(name, 1) + step))

    def action_guess(self) -> None:
        """Show the columns that say most, and close."""
        self._show(())
        self.dismiss()

    def _change(self, change: Callable[[str], None]) -> None:
        name = self._highlighted
        if name is not None:
            change(name)
            self._show(self._choice.names)
            self._draw(name)

    @property
    def _highlighted(self) -> str | None:
        index = self._list.highlighted
        return None if index is None else self._list.get_option_at_index(index).id

    def _draw(self, name: str | None = None) -> None:
        """List the columns, with one of that name highlighted, or the first."""
        found = self._choice.matching(self._input.value.strip())
        widths = self._widths()
        self._list.set_options(Option(self._line(one, widths), id=one.name) for one in found)
        names = [one.name for one in found]
        self._list.highlighted = None if not names else names.index(name) if name in names else 0

    def _line(self, one: Candidate, widths: Mapping[str, int]) -> Content:
        shown = self._choice.shown(one.name) is not None
        name = f"{format.clip(format.harmless(one.name), _NAME):<{_NAME}}"
        width = str(widths.get(one.name, "")) if shown else ""
        facts = f"{one.type:<{_TYPE}} {one.share:>{_SHARE}} {one.distinct:>{_DISTINCT}}  {one.examples}"
        mark = Content.styled("● " if shown else "  ", "$primary")
        return mark + Content.styled(name, "bold" if shown else "") + quiet(f"{width:>{_WIDTH}}  {facts}")
