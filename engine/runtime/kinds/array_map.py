"""Maps that make any number of records of one."""

from engine.runtime.kinds.kind import Kind


class ArrayMap(Kind):
    """No output for a record, or one, or several."""

    name = "array_map"
    several = True
