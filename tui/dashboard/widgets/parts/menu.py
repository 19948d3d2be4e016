"""A list that has the focus, with one thing to choose from it, and keys that a person may remap."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widgets import OptionList


class Menu(OptionList, inherit_bindings=False):
    """An `OptionList` whose keys have names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "cursor_up", "Up a line", show=False, id="list.up"),
        Binding("down,j", "cursor_down", "Down a line", show=False, id="list.down"),
        Binding("pageup", "page_up", "Up a page of the list", show=False, id="list.page_up"),
        Binding("pagedown,space", "page_down", "Down a page of the list", show=False, id="list.page_down"),
        Binding("home,g", "first", "To the first line", show=False, id="list.top"),
        Binding("end,G", "last", "To the last line", show=False, id="list.end"),
        Binding("enter", "select", "Choose", show=False, id="list.choose"),
    ]
