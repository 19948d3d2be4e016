"""Outputs wait for the rows of their inputs, whichever come first."""

from collections.abc import Sequence

import numpy as np

from engine.consumer.delivery import Delivery
from engine.live.remote.waiting_outputs import WaitingOutputs
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.outputs import Produced
from engine.records.verdicts import Verdict

PASS, DROP, ERROR, PENDING = Verdict.PASS, Verdict.DROP, Verdict.ERROR, Verdict.PENDING


def records(partition: int, start: int, stop: int) -> Batch:
    """Records of a topic."""
    return Batch.consecutive(partition, start, record_batch([b"%d" % n for n in range(start, stop)]))


def outputs(partition: int, offsets: Sequence[int], next_offset: int) -> Delivery:
    """What a broker made of records; several may have one offset."""
    made = record_batch([b"made of %d" % offset for offset in offsets])
    places = np.array(offsets, np.int64)
    return Delivery(Batch(partition=partition, records=made, offsets=places, next_offset=next_offset), None)


def made(evaluation: Evaluation) -> list[tuple[int, bytes]]:
    """The index of each output's input, and its value."""
    assert isinstance(evaluation.outputs, Produced)
    values = evaluation.outputs.produced.column("value").to_pylist()
    return [*zip(evaluation.outputs.sources.tolist(), values, strict=True)]


def test_outputs_stand_at_their_inputs() -> None:
    waiting = WaitingOutputs(makes_records=True)
    waiting.add(outputs(0, [3, 5, 5], 6))
    waiting.add(outputs(1, [4], 6))
    waiting.add(outputs(0, [7], 8))
    waiting.reached = {0: 8, 1: 6}
    first = waiting.take(records(0, 2, 6))
    assert first.verdicts.tolist() == [DROP, PASS, DROP, PASS]
    assert made(first) == [(1, b"made of 3"), (3, b"made of 5"), (3, b"made of 5")]
    assert made(waiting.take(records(1, 4, 5))) == [(0, b"made of 4")]
    # What comes next is not evaluated from offset 8 on.
    second = waiting.take(records(0, 6, 10))
    assert (second.verdicts.tolist(), second.evaluated) == ([DROP, PASS, PENDING, PENDING], 2)
    assert made(second) == [(1, b"made of 7")]
    assert waiting.bytes == 0


def test_outputs_of_rows_that_have_left_the_window_are_dropped() -> None:
    waiting = WaitingOutputs(makes_records=False)
    waiting.add(outputs(0, [1, 2, 9], 10))
    waiting.reached = {0: 10}
    assert waiting.take(records(0, 8, 10)).verdicts.tolist() == [DROP, PASS]
    assert waiting.bytes == 0


def test_records_that_a_step_failed_on_have_their_faults() -> None:
    waiting = WaitingOutputs(makes_records=False)
    verdicts = np.array([PASS, ERROR, DROP, ERROR], np.uint8)
    faults = [Fault(index, ERROR, f"at {index}") for index in (1, 3)]
    evaluation = Evaluation.of_filter(verdicts, evaluated=4, faults=faults)
    waiting.add(Delivery(records(0, 10, 14), evaluation))
    waiting.reached = {0: 14}
    first, second = waiting.take(records(0, 10, 13)), waiting.take(records(0, 13, 14))
    assert first.verdicts.tolist() == [PASS, ERROR, DROP]
    assert [(fault.index, fault.message) for fault in first.faults] == [(1, "at 1")]
    assert second.verdicts.tolist() == [ERROR]
    assert [(fault.index, fault.message) for fault in second.faults] == [(0, "at 3")]
