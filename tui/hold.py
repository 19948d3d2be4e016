"""What a paused pane shows: the rows of the moment it was paused, under the newest verdicts on them."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.snapshots import ConsumerSnapshot, WorkbenchSnapshot
from engine.verdicts import Fault, Verdict, VerdictArray
from engine.window import WindowSnapshot


def hold(held: WorkbenchSnapshot, now: WorkbenchSnapshot) -> WorkbenchSnapshot:
    """`now`, but with the window of `held`, so that rows stay put however fast newer ones push them out.

    A row that has left the window cannot be judged again: under a new generation it is PENDING.
    """
    before = {consumer.id: consumer for consumer in held.consumers}
    consumers = tuple(_over(held.window, before.get(one.id), one) for one in now.consumers)
    return replace(now, window=held.window, consumers=consumers)


def _over(window: WindowSnapshot, held: ConsumerSnapshot | None, now: ConsumerSnapshot) -> ConsumerSnapshot:
    verdicts = np.full(len(window), Verdict.PENDING, np.uint8)
    faults: Mapping[int, Fault] = now.faults
    if held is not None and held.generation == now.generation:
        _lay(verdicts, window.first_row, held)
        newer = {row: fault for row, fault in now.faults.items() if row < window.end_row}
        faults = {**held.faults, **newer}
    _lay(verdicts, window.first_row, now)
    return replace(now, first_row=window.first_row, verdicts=verdicts, faults=faults)


def _lay(onto: VerdictArray, first_row: int, consumer: ConsumerSnapshot) -> None:
    """Write a consumer's verdicts over those in `onto`, whose first is about `first_row`."""
    start = max(consumer.first_row, first_row)
    end = min(consumer.first_row + len(consumer.verdicts), first_row + len(onto))
    if start < end:
        onto[start - first_row : end - first_row] = consumer.verdicts[
            start - consumer.first_row : end - consumer.first_row
        ]
