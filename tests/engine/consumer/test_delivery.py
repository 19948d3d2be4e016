"""What is delivered of a batch: records, selected ones, outputs, and those that failed."""

import numpy as np

from engine.consumer.delivery import Delivery
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.outputs import Produced
from engine.records.verdicts import Status, Verdict

OK, ERROR, PASS = Status.OK, Verdict.ERROR, Verdict.PASS


def test_first_of_a_delivery_counts_passed_records() -> None:
    verdicts = np.array([Verdict.PASS, Verdict.ERROR, Verdict.PASS, Verdict.ERROR, Verdict.PASS], np.uint8)
    faults = tuple(Fault(index, Verdict.ERROR, "no") for index in (1, 3))
    whole = Delivery(
        Batch.consecutive(0, 100, record_batch([b""] * 5)),
        Evaluation.of_filter(verdicts, faults=faults, evaluated=5),
    )
    first = whole.first(2)
    assert first.offsets.tolist() == [100, 102]
    assert first.evaluation is not None
    assert (first.evaluation.evaluated, first.evaluation.faults) == (3, faults[:1])
    assert whole.first(3) is whole
    assert len(whole.first(0).batch) == 0


def fan_out(*, include_failed: bool = False) -> Delivery:
    """Three outputs of the first record, none of the second, an error, one output beside an error."""
    made = record_batch([b"a1", b"a2", b"a3", b"d1"], keys=[b"k", None, b"", b"k"], timestamps=7)
    evaluation = Evaluation(
        status=np.array([OK, OK, ERROR, ERROR], np.uint8),
        outputs=Produced(made, np.array([0, 0, 0, 3], np.int32)),
        faults=(Fault(2, ERROR, "c"), Fault(3, ERROR, "d", step=1)),
        evaluated=4,
    )
    batch = Batch.consecutive(0, 100, record_batch([b"a", b"b", b"c", b"d"]))
    return Delivery(batch, evaluation, include_failed=include_failed)


def rows(delivery: Delivery) -> list[tuple[int, bytes | None, int]]:
    values = delivery.records.column("value").to_pylist()
    return list(zip(delivery.offsets.tolist(), values, delivery.verdicts.tolist(), strict=True))


OUTPUTS = [(100, b"a1", PASS), (100, b"a2", PASS), (100, b"a3", PASS), (103, b"d1", PASS)]


def test_outputs_are_delivered_with_the_offsets_of_their_inputs() -> None:
    assert rows(fan_out()) == OUTPUTS


def test_failed_records_are_delivered_at_their_place() -> None:
    assert rows(fan_out(include_failed=True)) == [
        *OUTPUTS[:3],
        (102, b"c", ERROR),
        OUTPUTS[3],
        (103, b"d", ERROR),
    ]


def test_first_counts_outputs() -> None:
    for count in range(7):
        whole = fan_out(include_failed=True)
        first = whole.first(count)
        assert rows(first) == rows(whole)[:count]
        assert len(first.batch) == (0, 1, 1, 1, 3, 4, 4)[count]
