"""Maps: each record becomes another one."""

from engine.records.verdicts import Verdict
from engine.runtime.kinds.kind import Kind


class Map(Kind):
    """Exactly one output for each record."""

    name = "map"
    results = bytes((Verdict.PASS, Verdict.ERROR))
