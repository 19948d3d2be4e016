"""A list that has the focus, with one thing to choose from it, and keys that a person may remap."""

from textual.widgets import OptionList

from tui.dashboard.keys.bindings import bindings


class Menu(OptionList, inherit_bindings=False):
    """An `OptionList` whose keys have names."""

    BINDINGS = bindings("list")
