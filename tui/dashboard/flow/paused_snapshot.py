"""What a paused pane shows: the rows of the moment it was paused, under the newest verdicts on them.

Before them come those that a person has scrolled back to.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.scrollback.evaluator import Evaluated
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.window.window import WindowSnapshot
from engine.records.faults import Fault
from engine.records.verdicts import Verdict, VerdictArray


def hold(held: WorkbenchSnapshot, now: WorkbenchSnapshot) -> WorkbenchSnapshot:
    """`now`, but with the window of `held`, so that rows stay put however fast newer ones push them out.

    A row that has left the window is evaluated apart from it: under a new version it is PENDING until then.
    """
    window = held.window.reaching_back(now.scrollback)
    before = {consumer.id: consumer for consumer in held.consumers}
    evaluated = {} if now.scrollback is None else now.scrollback.evaluated
    consumers = tuple(
        _settled(window, held, before.get(one.id), one)
        or _over(window, before.get(one.id), evaluated.get(one.id), one)
        for one in now.consumers
    )
    return replace(now, window=window, consumers=consumers)


def _settled(
    window: WindowSnapshot, before: WorkbenchSnapshot, held: ConsumerSnapshot | None, now: ConsumerSnapshot
) -> ConsumerSnapshot | None:
    """`now` with the verdicts that are held, where there are no others.

    A million rows take 0.1 ms that way, and 2 otherwise (measured).
    """
    if window is not before.window or held is None or held.version != now.version:
        return None
    if held.first_row != window.first_row or len(held.verdicts) != len(window):
        return None
    start, end = _shared(held, now)
    if not np.array_equal(_part(held, start, end), _part(now, start, end)):
        return None
    if np.any(held.verdicts == Verdict.PENDING):
        return None
    faults = _faults(window, held, now)
    return replace(now, first_row=held.first_row, verdicts=held.verdicts, faults=faults)


def _over(
    window: WindowSnapshot, held: ConsumerSnapshot | None, evaluated: Evaluated | None, now: ConsumerSnapshot
) -> ConsumerSnapshot:
    verdicts = np.full(len(window), Verdict.PENDING, np.uint8)
    faults: Mapping[int, Fault] = now.faults
    if held is not None and held.version == now.version:
        _lay(verdicts, window.first_row, held)
        faults = _faults(window, held, now)
    if evaluated is not None:
        _lay(verdicts, window.first_row, evaluated)
        faults = {**evaluated.faults, **faults}
    _lay(verdicts, window.first_row, now)
    return replace(now, first_row=window.first_row, verdicts=verdicts, faults=faults)


def _faults(window: WindowSnapshot, held: ConsumerSnapshot, now: ConsumerSnapshot) -> Mapping[int, Fault]:
    newer = {row: fault for row, fault in now.faults.items() if row < window.end_row}
    return {**held.faults, **newer}


def _lay(onto: VerdictArray, first_row: int, said: ConsumerSnapshot | Evaluated) -> None:
    """Write what there is of verdicts over those in `onto`, whose first is about `first_row`."""
    start = max(said.first_row, first_row)
    end = min(said.first_row + len(said.verdicts), first_row + len(onto))
    if start < end:
        verdicts = _part(said, start, end)
        np.copyto(onto[start - first_row : end - first_row], verdicts, where=verdicts != Verdict.PENDING)


def _shared(one: ConsumerSnapshot, other: ConsumerSnapshot) -> tuple[int, int]:
    """The rows that both have verdicts on; the end is not after the start where there are none."""
    ends = (said.first_row + len(said.verdicts) for said in (one, other))
    return max(one.first_row, other.first_row), min(ends)


def _part(said: ConsumerSnapshot | Evaluated, start: int, end: int) -> VerdictArray:
    """The verdicts on the rows from `start` to before `end`."""
    return said.verdicts[max(start - said.first_row, 0) : max(end - said.first_row, 0)]
