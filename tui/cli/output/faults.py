"""What `consume` says on standard error of the records that a SmartStream fails on, and of those not read."""

import json
from collections.abc import Iterator

import click

from engine import units
from engine.consumer.consumer import Delivery
from engine.records.faults import Fault
from engine.records.verdicts import Verdict
from tui.cli.output.printed import PrintedLines
from tui.cli.output.statistics import FAULTS, Rest, Statistics
from tui.cli.process.failures import Failure
from tui.dashboard.present.format import harmless, harmless_lines


class FaultReport:
    """Shows the first fault of each kind that a version of a SmartStream has, and counts them all."""

    def __init__(self, topic: str, on_error: str) -> None:
        """`on_error` is `skip`, `keep` or `stop`."""
        self._on_error = on_error
        self._statistics = Statistics(topic)
        self._version = 0
        self._shown: set[Verdict] = set()
        self._lost = 0
        self._printed = PrintedLines()

    def until_fault(self, deliveries: Iterator[Delivery | None]) -> Iterator[Delivery | None]:
        """The deliveries; where a fault is to be the end, what comes before it, and then `Failure`."""
        for delivery in deliveries:
            faults = delivery.evaluation.faults if delivery and delivery.evaluation else ()
            if delivery is None or not faults or self._on_error != "stop":
                yield delivery
                continue
            first = faults[0]
            yield delivery.until(first.index)
            self._statistics.add_undelivered(first.verdict)
            self._printed.show(delivery, first.index)
            raise Failure(f"ended by the filter's {_described(delivery, first)}")

    def add(self, delivery: Delivery) -> None:
        """Count a delivery's faults and show what is new."""
        self._statistics.add(delivery)
        evaluation = delivery.evaluation
        if evaluation is None:
            return
        self._printed.show(delivery)
        if evaluation.version != self._version:
            self._version = evaluation.version
            self._shown.clear()
        for fault in evaluation.faults:
            if fault.verdict not in self._shown:
                self._shown.add(fault.verdict)
                click.echo(f"fluvio-tui: {_described(delivery, fault)}", err=True)

    def tell_lost(self, lost: int) -> None:
        """Say how many more records retention has removed before they could be read: `lost` in all."""
        if lost > self._lost:
            more = units.plural(lost - self._lost, "record")
            click.echo(f"fluvio-tui: {more} removed from the topic before they could be read", err=True)
            self._lost = lost

    def say_end(self, rest: Rest, statistics: str | None) -> None:
        """Say what was left out, and the statistics as `text` or `json` where they are wanted."""
        faults = self._statistics.faults()
        if faults and self._on_error != "stop":
            kinds = ", ".join(units.plural(count, name) for name, count in faults.items())
            done = "left out" if self._on_error == "skip" else "marked"
            total = units.plural(sum(faults.values()), "record")
            click.echo(f"fluvio-tui: {total} {done} because the filter failed on them: {kinds}", err=True)
        self._printed.say_end()
        if rest.damaged:
            passed_over = units.plural(rest.damaged, "record")
            click.echo(f"fluvio-tui: {passed_over} passed over because they are damaged", err=True)
        if statistics == "json":
            click.echo(json.dumps(self._statistics.members(rest), ensure_ascii=False), err=True)
        elif statistics:
            click.echo(f"fluvio-tui: {self._statistics.text()}", err=True)


def _described(delivery: Delivery, fault: Fault) -> str:
    batch = delivery.batch
    record = f"offset {batch.offset(fault.index)} of partition {batch.partition}"
    place = f" at {fault.location}" if fault.location else ""
    # A filter's words may be a record's, and a record's may be a stranger's.
    return f"{FAULTS[fault.verdict]} on {record}{harmless(place)}: {harmless_lines(fault.message)}"
