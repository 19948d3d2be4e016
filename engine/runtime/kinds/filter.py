"""Filters: each record passes or is dropped."""

from engine.runtime.kinds.kind import Kind


class Filter(Kind):
    """The result of a record is its verdict; the output is the record itself."""

    name = "filter"
    makes_records = False
