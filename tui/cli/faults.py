"""What `consume` says on standard error of the records that a SmartStream fails on, and of what it prints."""

import time
from collections import Counter

import click
import numpy as np

from engine.consumer import Delivery
from engine.verdicts import Verdict
from tui.cli.text import counted

KINDS = {Verdict.ERROR: "error", Verdict.TRAP: "trap", Verdict.TIMEOUT: "timeout"}


class FaultReport:
    """Counts records and faults, and shows the first fault of each kind."""

    def __init__(self) -> None:
        self._counts: Counter[Verdict] = Counter()
        self._shown: set[Verdict] = set()
        self._records = 0
        self._passed = 0
        self._missed = 0
        self._started = time.monotonic()

    def add(self, delivery: Delivery) -> None:
        """Count a delivery's faults and show what is new."""
        self._records += len(delivery.batch)
        self._passed += len(delivery.passed)
        judgement = delivery.judgement
        if judgement is None:
            return
        base = delivery.batch.base_offset
        for output in judgement.outputs:
            click.echo(f"{base + output.index}: {output.text}", err=True)
        found = np.bincount(judgement.verdicts, minlength=max(KINDS) + 1)
        self._counts.update({kind: int(found[kind]) for kind in KINDS})
        for fault in judgement.faults:
            if fault.verdict not in self._shown:
                self._shown.add(fault.verdict)
                place = f" at {fault.location}" if fault.location else ""
                kind = KINDS[fault.verdict]
                click.echo(
                    f"fluvio-tui: {kind} on offset {base + fault.index}{place}: {fault.message}", err=True
                )

    def tell_missed(self, missed: int) -> None:
        """Say how many more records retention has removed before they could be read: `missed` in all."""
        if missed > self._missed:
            more = counted(missed - self._missed, "record")
            click.echo(f"fluvio-tui: {more} removed from the topic before they could be read", err=True)
            self._missed = missed

    def summary(self, damaged: int) -> list[str]:
        """What was left out, a line each; nothing where nothing was. `damaged` counts records."""
        kinds = [counted(self._counts[kind], name) for kind, name in KINDS.items() if self._counts[kind]]
        lines = []
        if kinds:
            total = counted(self._counts.total(), "record")
            lines.append(
                f"fluvio-tui: {total} left out because the filter failed on them: {', '.join(kinds)}"
            )
        if damaged:
            lines.append(f"fluvio-tui: {counted(damaged, 'record')} passed over because they are damaged")
        return lines

    def statistics(self) -> str:
        """How many records there were, in one line."""
        return (
            f"fluvio-tui: {counted(self._records, 'record')}, {self._passed:,} passed, "
            f"{counted(self._counts.total(), 'fault')}, {time.monotonic() - self._started:.1f} s"
        )
