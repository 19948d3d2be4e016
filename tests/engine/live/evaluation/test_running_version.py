"""What is known of the rows that a version evaluated."""

from dataclasses import replace

from engine.consumer.module_version import ModuleVersion
from engine.live.evaluation.pipeline import Pipeline
from engine.live.evaluation.running_version import RunningVersion
from engine.live.window.snapshot import Chunk
from engine.runtime.smartstream import SmartStream
from tests.engine.consumer_bench import EVEN
from tests.engine.runtime.wat_guests import letters
from tests.waiting import wait_until


def test_costs_are_those_of_optimized_code_as_soon_as_there_are_any() -> None:
    with SmartStream(EVEN, quick=True) as stream:
        version = RunningVersion(1, Pipeline([stream]), 0, (ModuleVersion(version=1, wasm=b"", name="f"),))

        def evaluate(first_row: int, seconds: float) -> None:
            chunk = Chunk(first_row, letters("ab", base=first_row))
            evaluation = stream.evaluate(chunk.batch)
            version.record(chunk, replace(evaluation, seconds=seconds), skipped=0)

        def is_optimized() -> bool:
            stream.evaluate(letters(""))
            return stream.optimized

        evaluate(0, 2.0)
        assert version.counters.cost_p99 > 0.9
        wait_until(is_optimized)
        assert version.counters.cost_p99 > 0.9, "none has come since"
        evaluate(2, 0.002)
        assert 0.0009 < version.counters.cost_p50 <= version.counters.cost_p99 < 0.0011
