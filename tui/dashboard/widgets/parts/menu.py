"""A list to choose from, with keys that can be remapped."""

from textual.widgets import OptionList

from tui.dashboard.keys.bindings import bindings


class Menu(OptionList, inherit_bindings=False):
    """An `OptionList` whose keys have names."""

    BINDINGS = bindings("list")
