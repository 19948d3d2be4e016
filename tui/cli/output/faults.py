"""What `consume` reports on standard error: records that the SmartStream fails on, and records not read."""

import json
import sys
from collections.abc import Callable, Iterator

import click
import numpy as np

from engine import units
from engine.builds.languages import without_our_files
from engine.consumer.delivery import Delivery
from engine.consumer.topic_consumer import TopicConsumer
from engine.errors import DamagedBatchError
from engine.records.batch import Batch
from engine.records.faults import Fault
from engine.records.verdicts import Verdict
from tui.cli.output.printed import PrintedLines
from tui.cli.output.statistics import FAULTS, Statistics
from tui.cli.process.exit_statuses import FAILED_RECORDS
from tui.cli.process.failures import Failure, report
from tui.cli.process.signals import StopRequest
from tui.format import harmless, harmless_lines

_DONE = {"skip": "left out", "keep": "marked", "dead-letter": "kept as dead letters"}

Place = Callable[[Batch, int], str]


def _offset(batch: Batch, index: int) -> str:
    return f"offset {batch.offset(index)} of partition {batch.partition}"


def report_damaged(damage: DamagedBatchError) -> None:
    """Say which records cannot be read."""
    report(f"skipped: {damage.message}")


class FaultReport:
    """Shows the first fault of each kind per version of a SmartStream, and counts all."""

    def __init__(self, topic: str, on_error: str, place: Place = _offset) -> None:
        """`on_error` is `skip`, `keep`, `stop` or `dead-letter`.

        `place` names a record by its batch and its index in it.
        """
        self._on_error = on_error
        self._place = place
        self._statistics = Statistics(topic)
        self._version = 0
        self._shown: set[Verdict] = set()
        self._lost = 0
        self._printed = PrintedLines(terminal=sys.stderr.isatty())

    def until_fault(self, deliveries: Iterator[Delivery | None]) -> Iterator[Delivery | None]:
        """The deliveries; with `stop`, those before the first fault, and then `Failure`."""
        for delivery in deliveries:
            faults = delivery.evaluation.faults if delivery and delivery.evaluation else ()
            if delivery is None or not faults or self._on_error != "stop":
                yield delivery
                continue
            first = faults[0]
            yield delivery.until(first.index)
            self._statistics.add_undelivered(first.verdict)
            self._printed.show(delivery, first.index)
            raise Failure(f"stopped at the SmartStream's {self._described(delivery, first)}")

    def add(self, delivery: Delivery) -> None:
        self._statistics.add(delivery)
        evaluation = delivery.evaluation
        if evaluation is None:
            return
        self._printed.show(delivery)
        if evaluation.version != self._version:
            self._version = evaluation.version
            self._shown.clear()
        verdicts = evaluation.verdicts[: evaluation.evaluated]
        # The text of a fault is decoded when it is asked for.
        kinds, firsts = np.unique(verdicts[verdicts > Verdict.PASS], return_index=True)
        for first, kind in sorted(zip(firsts.tolist(), kinds.tolist(), strict=True)):
            if kind not in self._shown:
                self._shown.add(Verdict(kind))
                report(self._described(delivery, evaluation.faults[first]))

    def report_lost(self, lost: int) -> None:
        """Report records that were removed before they could be read: `lost` in all."""
        if lost > self._lost:
            report(f"{units.plural(lost - self._lost, 'record')} removed from the log before being read")
            self._lost = lost

    def report_end(self, consumer: TopicConsumer | None, memory: int | None, statistics: str | None) -> None:
        """Report what was left out and, if asked for, the `statistics` as `text` or `json`.

        `consumer` is None if the records came from no topic. `memory` is that of the SmartStream, in bytes.
        """
        faults = self._statistics.faults()
        if faults and self._on_error != "stop":
            kinds = ", ".join(units.plural(count, name) for name, count in faults.items())
            done = _DONE[self._on_error]
            total = sum(faults.values())
            them = "it" if total == 1 else "them"
            report(f"{units.plural(total, 'record')} {done} because a SmartStream failed on {them}: {kinds}")
        self._printed.report_end()
        if consumer is not None and consumer.damaged:
            report(f"{units.plural(consumer.damaged, 'damaged record')} skipped")
        if statistics == "json":
            click.echo(json.dumps(self._statistics.members(consumer, memory), ensure_ascii=False), err=True)
        elif statistics:
            report(self._statistics.text())

    def exit_if_failed(self, wanted: bool, stop: StopRequest) -> None:
        """If that is `wanted`, end the program with `FAILED_RECORDS` if the SmartStream failed on any record.

        A signal has a status of its own.
        """
        if wanted and self._statistics.faults() and not stop.signal:
            raise SystemExit(FAILED_RECORDS)

    def _described(self, delivery: Delivery, fault: Fault) -> str:
        record = self._place(delivery.batch, fault.index)
        place = f" at {without_our_files(str(fault.location))}" if fault.location else ""
        # A message may quote a record, which is untrusted.
        return f"{FAULTS[fault.verdict]} on {record}{harmless(place)}: {harmless_lines(fault.message)}"
