"""A page to read, with keys that can be remapped."""

from textual.containers import VerticalScroll

from tui.dashboard.keys.bindings import bindings


class Reading(VerticalScroll, inherit_bindings=False):
    """A `VerticalScroll` whose keys have names."""

    BINDINGS = bindings("text")
