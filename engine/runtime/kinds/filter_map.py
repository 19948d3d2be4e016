"""Filters that change what passes."""

from engine.runtime.kinds.kind import Kind


class FilterMap(Kind):
    """One output for each record, or none."""

    name = "filter_map"
