"""What a save changed in outputs, compared with looking at each record."""

import random

import numpy as np

from engine.live.row_source import changed_rows
from engine.live.versions.changed_outputs import different_rows, outputs_at
from engine.live.versions.output_log import KeptOutputs, OutputBlock
from engine.records.batch import Batch, record_batch
from tests.engine.consumer_bench import Bench
from tests.engine.live.versions.test_output_log import FIRST, produce, texts
from tests.engine.runtime.wat_makers import maker, switch

LAST = switch(
    {"d": "(i32.const 0)", "x": "(i32.const 0)"},
    "(call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -2)"
    " (i32.add (local.get $value) (i32.sub (local.get $length) (i32.const 1))) (i32.const 1))",
)
"""A filter_map that keeps the last byte of each value, and drops those that begin with `d` or `x`."""

Made = dict[int, list[tuple[bytes | None, bytes | None]]]
"""By row, the key and the value of each output."""


def kept(made: Made, size: int) -> KeptOutputs:
    """Outputs in blocks of so many."""
    flat = [(row, *output) for row, outputs in sorted(made.items()) for output in outputs]
    blocks = []
    for start in range(0, len(flat), size):
        rows, keys, values = zip(*flat[start : start + size], strict=True)
        batch = Batch.consecutive(0, 0, record_batch(values, keys=keys, timestamps=0))
        blocks.append(OutputBlock(np.array(rows), batch))
    return KeptOutputs(object(), tuple(blocks))


def test_rows_with_other_outputs_are_found() -> None:
    chance = random.Random(12)
    choices = [None, b"", b"a", b"b"]
    for _ in range(200):
        made: list[Made] = [
            {
                row: [(chance.choice(choices), chance.choice(choices)) for _ in range(chance.randrange(1, 3))]
                for row in range(20)
                if chance.random() < 0.8
            }
            for _ in range(2)
        ]
        rows = np.array(sorted(chance.sample(range(20), 12)))
        old, new = (kept(one, chance.randrange(1, 9)) for one in made)
        expected = [row for row in rows if row in made[0] and row in made[1] and made[0][row] != made[1][row]]
        assert different_rows(old, new, rows).tolist() == expected
        some = outputs_at(old, rows)
        assert {int(row) for block in some.blocks for row in block.rows} == set(made[0]) & set(rows.tolist())


def test_a_save_lists_outputs_then_and_now(bench: Bench) -> None:
    produce(bench.window, b"abc", b"kk", b"xyz", b"d")
    bench.builds.ready(maker("filter_map", FIRST))
    bench.wait_evaluated(4)
    bench.builds.ready(maker("filter_map", LAST))
    snapshot = bench.wait(lambda s: s.version == 2 and s.change is not None)
    change = snapshot.change
    assert change is not None
    assert (change.outputs, change.now_pass, change.now_drop, len(change)) == (1, 0, 1, 2)
    assert change.counts.outputs == 1
    source = changed_rows(bench.window.snapshot(), change, snapshot.outputs)
    assert texts(source) == [(0, 100, b"c"), (2, 102, b"xyz")]
    before = source.beside(0)
    assert before is not None
    assert before[0].value(before[1]) == b"a"
    assert source.beside(1) is None, "there is no output now"


def test_a_save_that_changes_no_output_changes_nothing(bench: Bench) -> None:
    produce(bench.window, b"abc", b"kk")
    bench.builds.ready(maker("map", FIRST))
    bench.wait_evaluated(2)
    bench.builds.ready(maker("filter_map", FIRST))
    change = bench.wait(lambda s: s.version == 2 and s.change is not None).change
    assert change is not None
    assert len(change) == 0
