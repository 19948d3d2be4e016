"""The kinds that this program runs, and those that Fluvio has."""

from collections.abc import Mapping

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

FLUVIO_EXPORTS = frozenset({"filter", "map", "filter_map", "array_map", "aggregate"})
"""One of these is exported by a module that was built for a Fluvio cluster."""
