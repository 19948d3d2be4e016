"""Aggregates: a running value over the records of a partition."""

from engine.records.verdicts import Verdict
from engine.runtime.kinds.kind import Kind


class Aggregate(Kind):
    """One output for each record: the accumulator after it."""

    name = "aggregate"
    results = bytes((Verdict.PASS, Verdict.ERROR))
    folds = True
