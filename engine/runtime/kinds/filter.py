"""Filters: each record passes or is dropped."""

from typing import Unpack

from engine.records.evaluation import Evaluation, Parts
from engine.records.verdicts import Verdict, VerdictArray
from engine.runtime.kinds.kind import Kind


class Filter(Kind):
    """The result of a record is its verdict; the output is the record itself."""

    name = "filter"
    results = bytes((Verdict.DROP, Verdict.PASS, Verdict.ERROR))

    def evaluation(self, results: VerdictArray, **parts: Unpack[Parts]) -> Evaluation:
        return Evaluation.of_filter(results, **parts)
