"""Aggregates: the accumulator across calls, batches, faults and fresh instances."""

import random
import threading
from collections.abc import Iterator

import pytest

from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Status
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import STACK
from tests.engine.runtime.wat_makers import FOLDS, aggregate, folded
from tests.waiting import wait_until

BATCH = 3_000
EACH_FOLD = pytest.mark.parametrize("fold", FOLDS)


def batches(values: list[bytes], size: int = BATCH, partition: int = 0) -> Iterator[Batch]:
    for start in range(0, len(values), size):
        part = values[start : start + size]
        yield Batch.consecutive(partition, start, record_batch(part, keys=[b"k"] * len(part), timestamps=0))


def some_values(count: int, faults: str = "etT") -> list[bytes]:
    chance = random.Random(f"{count} {faults}")
    return [
        (chance.choice(faults) if faults and chance.random() < 0.01 else chance.choice("xyz")).encode()
        + b"." * chance.randrange(3)
        for _ in range(count)
    ]


def evaluated(stream: SmartStream, values: list[bytes], budget: float | None = None) -> list[bytes | None]:
    """The accumulator after each record; None where it failed."""
    found: list[bytes | None] = []
    for batch in batches(values):
        rest = batch
        while len(rest):
            evaluation = stream.evaluate(rest, budget=budget)
            done = evaluation.evaluated
            made = evaluation.outputs.records(rest.records)
            assert set(made.column("key").to_pylist()) <= {b"k"}
            after = dict(
                zip(evaluation.outputs.source.tolist(), made.column("value").to_pylist(), strict=True)
            )
            assert [index in after for index in range(done)] == [
                status == Status.OK for status in evaluation.status[:done]
            ]
            found += [after.get(index) for index in range(done)]
            rest = rest.slice(done, len(rest))
    return found


@EACH_FOLD
@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
def test_accumulator_goes_on_over_faults(fold: str, fields: str) -> None:
    values = some_values(4_000)
    with SmartStream(aggregate(fold, fields)) as stream:
        assert evaluated(stream, values) == folded(fold, values)
        assert bool(stream.restarts) is (fields == "")
        assert stream.accumulators == {0: [one for one in folded(fold, values) if one is not None][-1]}


@EACH_FOLD
def test_accumulator_goes_on_over_budgets(fold: str) -> None:
    values = some_values(2_000)
    with SmartStream(aggregate(fold)) as stream:
        assert evaluated(stream, values, budget=0) == folded(fold, values)


def test_each_partition_has_its_own() -> None:
    values = some_values(500, faults="")
    with SmartStream(aggregate("append")) as stream:
        for one, other in zip(batches(values, 100), batches(values[::-1], 100, 1), strict=True):
            stream.evaluate(one)
            stream.evaluate(other)
        assert stream.accumulators == {0: b"".join(values), 1: b"".join(values[::-1])}


@EACH_FOLD
def test_begins_with_the_initial_value(fold: str) -> None:
    values, initial = some_values(300), b"12345678"
    with SmartStream(aggregate(fold), config=ModuleConfig(aggregate_initial=initial)) as stream:
        for _ in range(2):
            assert evaluated(stream, values) == folded(fold, values, initial)
            stream.renew()
            assert stream.accumulators == {}


def test_interrupted_records_are_folded_once() -> None:
    values = some_values(100)
    endless = next(batches([*values, b"L", *values]))
    with SmartStream(aggregate("append"), config=limited(record_seconds=60)) as stream:
        evaluations: list[Evaluation] = []
        calls = stream.calls
        thread = threading.Thread(target=lambda: evaluations.append(stream.evaluate(endless)))
        thread.start()
        wait_until(lambda: stream.calls > calls + 3)
        stream.interrupt()
        thread.join()
        done = evaluations[0].evaluated
        assert 0 < done <= len(values)
        expected = [one for one in folded("append", values[:done]) if one is not None]
        assert stream.accumulators == {0: expected[-1]}
        assert evaluated(stream, values[done:]) == folded("append", values[done:], expected[-1])


def test_a_large_accumulator() -> None:
    """The values appended become larger than a load is given room for."""
    values = [b"x" * 30_000, b"e"] * 40
    with SmartStream(aggregate("append")) as stream:
        assert evaluated(stream, values) == folded("append", values)


def test_too_large_an_accumulator_is_an_error_of_its_record() -> None:
    values = [b"x" * 30_000] * 4 + [b"y"]
    with SmartStream(aggregate("append"), config=limited(output_bytes=100_000)) as stream:
        found = evaluated(stream, values)
    assert [one is None for one in found] == [False, False, False, True, False]
    assert found[-1] == b"x" * 90_000 + b"y"


def test_a_large_initial_value_without_memory_for_it() -> None:
    config = ModuleConfig(limits=limited(memory_bytes=4 << 16).limits, aggregate_initial=bytes(1 << 20))
    with SmartStream(aggregate("hash"), config=config) as stream:
        evaluation = stream.evaluate(next(batches([b"x"])))
    assert "more than the limit of 256 KiB leaves" in evaluation.faults[0].message


@pytest.mark.soak
def test_a_million_records_with_faults() -> None:
    values = some_values(1_000_000)
    with SmartStream(aggregate("hash", STACK), config=limited(faults_in_a_row=None)) as stream:
        assert evaluated(stream, values) == folded("hash", values)
