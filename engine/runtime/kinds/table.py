"""The kinds that this program runs."""

from collections.abc import Collection, Mapping

from engine.runtime.kinds.aggregate import Aggregate
from engine.runtime.kinds.array_map import ArrayMap
from engine.runtime.kinds.filter import Filter
from engine.runtime.kinds.filter_map import FilterMap
from engine.runtime.kinds.kind import Kind
from engine.runtime.kinds.map import Map

KINDS: Mapping[str, Kind] = {
    kind.export: kind for kind in (Filter(), Map(), FilterMap(), ArrayMap(), Aggregate())
}
"""By the name of the export. A new kind is added here and nowhere else."""


def kinds_of(exports: Collection[str]) -> list[Kind]:
    """The kinds of a module with these exports: one, unless it is damaged or was made by hand.

    A module for Fluvio exports the kind by its name alone.
    """
    own = [kind for kind in KINDS.values() if kind.export in exports]
    return own or [kind for kind in KINDS.values() if kind.name in exports and "alloc" in exports]
