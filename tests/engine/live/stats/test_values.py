"""The newest number of each second."""

from math import isnan, nan

import numpy as np
import pytest

from engine.live.stats.rates import HISTORY
from engine.live.stats.values import NO_VALUES, ValueMeter, number_in
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.outputs import Produced


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def add(meter: ValueMeter, *values: bytes, partition: int = 0) -> None:
    records = record_batch(values, timestamps=0)
    outputs = Produced(records, np.arange(len(values), dtype=np.int32))
    status = np.ones(len(values), np.uint8)
    meter.add(
        Batch.consecutive(partition, 0, records),
        Evaluation(status=status, outputs=outputs, evaluated=len(values)),
    )


def test_a_value_stays_until_there_is_another() -> None:
    clock = Clock()
    meter = ValueMeter(clock)
    assert meter.values() is NO_VALUES
    add(meter, b"1", b"2.5")
    clock.now = 103.2
    add(meter, b"-7")
    add(meter, b"8", partition=1)
    found = meter.values()
    assert (found.history, found.until) == ((2.5, 2.5, 2.5, -7.0), 104)
    add(meter, b"text")
    assert isnan(meter.values().history[-1])
    clock.now = 100_000.0
    assert len(meter.values().history) == HISTORY + 1


@pytest.mark.parametrize(
    ("value", "number"),
    [
        (b"17", 17.0),
        (b" 1e3\n", 1000.0),
        (b"", nan),
        (None, nan),
        (b"inf", nan),
        (b"{}", nan),
        (b"\xff", nan),
    ],
)
def test_numbers_in_values(value: bytes | None, number: float) -> None:
    assert number_in(value) == pytest.approx(number, nan_ok=True)
    assert isnan(number_in(b"1" * 65))
