"""A page to read, with keys that a person may remap."""

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll


class Reading(VerticalScroll, inherit_bindings=False):
    """A `VerticalScroll` whose keys have names."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_up", "Up a line of the text", show=False, id="text.up"),
        Binding("down,j", "scroll_down", "Down a line of the text", show=False, id="text.down"),
        Binding("pageup", "page_up", "Up a page of the text", show=False, id="text.page_up"),
        Binding("pagedown,space", "page_down", "Down a page of the text", show=False, id="text.page_down"),
        Binding("home,g", "scroll_home", "To the start of the text", show=False, id="text.top"),
        Binding("end,G", "scroll_end", "To the end of the text", show=False, id="text.end"),
    ]
