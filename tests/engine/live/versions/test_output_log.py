"""Outputs by row: while they come, in pauses, over reloads, and within bounds."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from engine.errors import LostRecordError
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.overlay import paused
from engine.live.row_source import RowSource, passed_rows
from engine.live.snapshots import WorkbenchSnapshot
from engine.live.versions.fold import Fold
from engine.live.versions.output_log import LARGEST_LOG, KeptOutputs, OutputLog
from engine.live.window.snapshot import Chunk, WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch, Record, record_batch
from engine.records.evaluation import Evaluation
from engine.records.outputs import Produced
from engine.records.verdicts import Status, Verdict
from tests.engine.consumer_bench import EVEN, Bench
from tests.engine.runtime.wat_makers import aggregate, maker, switch

FIRST = switch(
    {"d": "(i32.const 0)", "e": "(i32.const 2)"},
    "(call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -2)"
    " (local.get $value) (i32.const 1))",
)
"""A filter_map that keeps the first byte of each value."""


def produce(window: Window, *values: bytes, partition: int = 0) -> None:
    base = 100 + window.end_row
    window.append(Batch.consecutive(partition, base, record_batch(values, timestamps=0)))


def texts(source: RowSource) -> list[tuple[int, int, bytes | None]]:
    """The row, the offset and the value of each record."""
    found = []
    for index in range(len(source)):
        batch, position = source.locate(index)
        record = batch.record(position)
        found.append((source.row(index), record.offset, record.value))
    return found


def workbench(bench: Bench, consumer: ConsumerSnapshot) -> WorkbenchSnapshot:
    return WorkbenchSnapshot(topic="t", window=bench.window.snapshot(), consumers=(consumer,))


def shown(snapshot: WorkbenchSnapshot) -> list[tuple[int, int, bytes | None]]:
    return texts(passed_rows(snapshot.window, snapshot.consumers[0]))


def test_a_pane_shows_outputs(bench: Bench) -> None:
    produce(bench.window, b"abc", b"d", b"xyz", b"e", b"k")
    bench.builds.ready(maker("filter_map", FIRST))
    snapshot = workbench(bench, bench.wait_evaluated(5))
    assert shown(snapshot) == [(0, 100, b"a"), (2, 102, b"x"), (4, 104, b"k")]
    produce(bench.window, b"more", b"d", partition=1)
    produce(bench.window, b"last")
    snapshot = workbench(bench, bench.wait_evaluated(8))
    assert shown(snapshot)[3:] == [(5, 105, b"m"), (7, 107, b"l")]


def test_a_filter_has_no_outputs_of_its_own(bench: Bench) -> None:
    produce(bench.window, b"a", b"b")
    bench.builds.ready(EVEN)
    assert bench.wait_evaluated(2).outputs is None


def test_another_version_makes_other_outputs(bench: Bench) -> None:
    """The verdicts are the same."""
    produce(bench.window, b"abc", b"xyz")
    bench.builds.ready(maker("map", FIRST))
    before = bench.wait_evaluated(2)
    bench.builds.ready(maker("map"))
    after = bench.wait(lambda s: s.version == 2 and s.outputs is not None)
    assert shown(workbench(bench, before)) == [(0, 100, b"a"), (1, 101, b"x")]
    assert shown(workbench(bench, after)) == [(0, 100, b"abc"), (1, 101, b"xyz")]
    assert before.outputs is not None
    assert after.outputs is not None
    assert before.outputs.content is not after.outputs.content


def test_a_fold_begins_again_where_it_is_sought(bench: Bench) -> None:
    produce(bench.window, b"a", b"b", b"c")
    bench.builds.ready(aggregate("append"))
    assert shown(workbench(bench, bench.wait_evaluated(3)))[-1] == (2, 102, b"abc")
    bench.consumer.seek(1)
    snapshot = bench.wait(lambda s: s.first_row == 1 and len(s.verdicts) == 2)
    source = passed_rows(bench.window.snapshot(), snapshot)
    assert [record.value for record in source.records(never)] == [b"b", b"bc"]


def test_a_pause_keeps_outputs_of_rows_that_left_the_window(bench: Bench) -> None:
    produce(bench.window, b"abc", b"xyz")
    bench.builds.ready(maker("map", FIRST))
    before = workbench(bench, bench.wait_evaluated(2))
    produce(bench.window, *[b"new"] * 1_300, partition=1)
    after = bench.wait_evaluated(1_302)
    assert after.first_row > 2
    overlaid = paused(before, workbench(bench, after))
    assert shown(overlaid) == [(0, 100, b"a"), (1, 101, b"x")]
    assert after.outputs is not None
    assert after.outputs.find(1) is None
    # More leave the window in the pause, and what came since its beginning is not kept for it.
    produce(bench.window, *[b"more"] * 1_300)
    overlaid = paused(overlaid, workbench(bench, bench.wait_evaluated(2_602)))
    assert shown(overlaid) == [(0, 100, b"a"), (1, 101, b"x")]
    with pytest.raises(LostRecordError):
        texts(passed_rows(overlaid.window, replace(overlaid.consumers[0], outputs=after.outputs)))


def evaluation(sources: list[int], values: list[bytes], count: int) -> Evaluation:
    return Evaluation(
        status=np.full(count, Status.OK, np.uint8),
        outputs=Produced(record_batch(values, timestamps=0), np.array(sources, np.int32)),
        evaluated=count,
    )


def value(kept: KeptOutputs | None, row: int) -> bytes | None:
    assert kept is not None
    found = kept.find(row)
    return None if found is None else found[0].value(found[1][0])


def test_outputs_are_trimmed_and_bounded() -> None:
    log, first, size = OutputLog(), 0, 1 << 20
    for number in range(80):
        batch = Batch.consecutive(0, first, record_batch([b"a", b"b"], timestamps=0))
        log.add(Chunk(first, batch), evaluation([1, 1], [b"%d" % number + bytes(size), b"second"], 2))
        first += 2
    kept = log.snapshot()
    assert value(kept, 1) is None, "the oldest make room"
    assert (value(kept, 159) or b"").startswith(b"79")
    assert value(kept, 158) is None
    assert kept is not None
    assert sum(block.batch.records.nbytes for block in kept.blocks) <= LARGEST_LOG
    log.trim(158)
    assert value(log.snapshot(), 157) is None
    assert value(log.snapshot(), 159)
    assert value(kept, 157), "a snapshot does not change"


def test_small_blocks_are_joined() -> None:
    log = OutputLog()
    for number in range(500):
        batch = Batch.consecutive(0, number, record_batch([b"a"], timestamps=0))
        log.add(Chunk(number, batch), evaluation([0], [b"%d" % number], 1))
    kept = log.snapshot()
    assert kept is not None
    assert len(kept.blocks) == 1
    assert [value(kept, row) for row in (0, 7, 499, 500)] == [b"0", b"7", b"499", None]


def test_a_row_with_several_outputs_shows_the_first(bench: Bench) -> None:
    produce(bench.window, b"one", b"none", b"two")
    (chunk,) = bench.window.snapshot().batches(0)
    log = OutputLog()
    log.add(chunk, evaluation([0, 2, 2], [b"1", b"2", b"3"], 3))
    verdicts = np.array([Verdict.PASS, Verdict.DROP, Verdict.PASS], np.uint8)
    consumer = ConsumerSnapshot(1, "f", None, Live(), verdicts=verdicts, outputs=log.snapshot())
    source = passed_rows(bench.window.snapshot(), consumer)
    assert texts(source) == [(0, 100, b"1"), (2, 102, b"2")]
    assert [source.several(index) for index in range(2)] == [1, 2]
    assert [(one.offset, one.value) for one in source.records(never)] == [
        (100, b"1"),
        (102, b"2"),
        (102, b"3"),
    ]
    assert source.beside(1) is None
    found = passed_rows(bench.window.snapshot(), consumer, inputs=True).beside(1)
    assert found is not None
    assert found[0].value(found[1]) == b"two"


def never(window: WindowSnapshot, rows: Iterable[int]) -> Iterator[Record]:
    raise AssertionError("outputs are not read from the log")


def test_the_row_before_a_fold_says_so(bench: Bench) -> None:
    produce(bench.window, b"a", b"b", b"c")
    bench.builds.ready(aggregate("append"))
    whole = bench.wait_evaluated(3)
    assert whole.kind == "aggregate"
    assert whole.fold == Fold(row=0, offsets={0: 100})
    assert len(shown(workbench(bench, whole))) == 3
    bench.consumer.seek(2)
    later = bench.wait(lambda s: s.first_row == 2 and len(s.verdicts) == 1)
    assert later.fold == Fold(row=2, offsets={0: 102})
    source = passed_rows(bench.window.snapshot(), later)
    assert [source.row(index) for index in range(len(source))] == [1, 2]
    with pytest.raises(LostRecordError, match="not part of this fold"):
        source.locate(0)
    assert [record.value for record in source.records(never)] == [b"c"]
