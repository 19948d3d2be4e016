"""What a paused pane shows: the rows of its pause and those read back before them, with the newest verdicts.

Verdicts are laid over each other: those of the pause, those of the scrollback, and the live ones.
"""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.scrollback.snapshot import Evaluated
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.versions.output_log import KeptOutputs
from engine.live.window.snapshot import WindowSnapshot
from engine.records.faults import Fault
from engine.records.verdict_arrays import VerdictArray, where
from engine.records.verdicts import Verdict


def paused(shown: WorkbenchSnapshot, newest: WorkbenchSnapshot) -> WorkbenchSnapshot:
    """`newest` with the window of `shown`, so that rows stay while newer ones evict them from the window.

    A row that has left the window is evaluated by the scrollback: after a reload it is PENDING until then.
    """
    window = shown.window.reaching_back(newest.scrollback)
    before = {consumer.id: consumer for consumer in shown.consumers}
    evaluated = {} if newest.scrollback is None else newest.scrollback.evaluated
    consumers = tuple(
        _unchanged(window, shown, before.get(one.id), evaluated.get(one.id), one)
        or _overlaid(window, before.get(one.id), evaluated.get(one.id), one)
        for one in newest.consumers
    )
    return replace(newest, window=window, consumers=consumers)


def _unchanged(
    window: WindowSnapshot,
    shown: WorkbenchSnapshot,
    before: ConsumerSnapshot | None,
    evaluated: Evaluated | None,
    now: ConsumerSnapshot,
) -> ConsumerSnapshot | None:
    """`now` with the verdicts of `before`, if there is nothing to add to them.

    A million rows take 0.1 ms that way, and 2 ms otherwise (measured).
    """
    if window is not shown.window or before is None or not _same_version(before, now):
        return None
    if before.first_row != window.first_row or len(before.verdicts) != len(window):
        return None
    start, end = max(before.first_row, now.first_row), min(before.position, now.position)
    same = np.array_equal(_between(before, start, end), _between(now, start, end))
    if not same or np.any(where(before.verdicts, Verdict.PENDING)):
        return None
    faults = _faults(window, before, now)
    outputs = _outputs(window, before, evaluated, now)
    return replace(now, first_row=before.first_row, verdicts=before.verdicts, faults=faults, outputs=outputs)


def _overlaid(
    window: WindowSnapshot,
    before: ConsumerSnapshot | None,
    evaluated: Evaluated | None,
    now: ConsumerSnapshot,
) -> ConsumerSnapshot:
    verdicts = np.full(len(window), Verdict.PENDING, np.uint8)
    faults: Mapping[int, Fault] = now.faults
    if before is not None and _same_version(before, now):
        _lay(verdicts, window.first_row, before)
        faults = _faults(window, before, now)
    if evaluated is not None:
        _lay(verdicts, window.first_row, evaluated)
        faults = {**evaluated.faults, **faults}
    _lay(verdicts, window.first_row, now)
    outputs = _outputs(window, before, evaluated, now)
    return replace(now, first_row=window.first_row, verdicts=verdicts, faults=faults, outputs=outputs)


def _same_version(before: ConsumerSnapshot, now: ConsumerSnapshot) -> bool:
    """Whether verdicts from before still hold: a broker does not evaluate them with another version."""
    return before.remote == now.remote and (now.remote or before.version == now.version)


def _outputs(
    window: WindowSnapshot,
    before: ConsumerSnapshot | None,
    evaluated: Evaluated | None,
    now: ConsumerSnapshot,
) -> KeptOutputs | None:
    """What is made now, and of rows that have left the window what was made before and in the scrollback."""
    if now.outputs is None:
        return None
    outputs = now.outputs.over(None if before is None else before.outputs, window.end_row)
    if evaluated is None:
        return outputs
    newest = evaluated.version == now.version
    older = evaluated.outputs if newest else ()
    return replace(outputs, older=older, unfinished=not (newest and evaluated.done))


def _faults(window: WindowSnapshot, before: ConsumerSnapshot, now: ConsumerSnapshot) -> Mapping[int, Fault]:
    return {**before.faults, **{row: fault for row, fault in now.faults.items() if row < window.end_row}}


def _lay(onto: VerdictArray, first_row: int, layer: ConsumerSnapshot | Evaluated) -> None:
    """Write the verdicts of a layer over those in `onto`, which begin at `first_row`."""
    start, end = (
        max(layer.first_row, first_row),
        min(layer.first_row + len(layer.verdicts), first_row + len(onto)),
    )
    if start < end:
        verdicts = _between(layer, start, end)
        np.copyto(
            onto[start - first_row : end - first_row], verdicts, where=~where(verdicts, Verdict.PENDING)
        )


def _between(layer: ConsumerSnapshot | Evaluated, start: int, end: int) -> VerdictArray:
    return layer.verdicts[max(start - layer.first_row, 0) : max(end - layer.first_row, 0)]
