"""Filters: each record passes or is dropped."""

from engine.records.evaluation import Evaluation
from engine.records.verdicts import Verdict
from engine.runtime.kinds.kind import Kind, Written


class Filter(Kind):
    """The result of a record is its verdict; the output is the record itself."""

    name = "filter"
    results = bytes((Verdict.DROP, Verdict.PASS, Verdict.ERROR))

    def evaluation(self, written: Written) -> Evaluation:
        return Evaluation.of_filter(
            written.results,
            evaluated=written.evaluated,
            faults=written.faults,
            printed=written.printed,
            seconds=written.seconds,
            lost_lines=written.lost_lines,
        )
