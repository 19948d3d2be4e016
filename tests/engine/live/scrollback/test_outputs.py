"""Outputs of rows before the window: made again when they are scrolled back to."""

from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from engine.live.overlay import paused
from engine.live.row_source import RowSource, passed_rows
from engine.live.scrollback.log_pages import LogPages
from tests.engine.live.scrollback.test_reader import (
    Open,
    evaluated_back,
    full,
    look_back,
    produce,
    scrollback,
    wait,
)
from tests.engine.live.scrollback.test_reader import broker as broker
from tests.engine.live.scrollback.test_reader import open_workbench as open_workbench
from tests.engine.live.scrollback.test_reader import store as store
from tests.engine.runtime.wat_makers import aggregate, maker, switch

FIRST = switch(
    {"2": "(i32.const 0)"},
    "(call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -2)"
    " (local.get $value) (i32.const 1))",
)
"""A filter_map that keeps the first digit, and drops values that begin with 2."""


def shown(source: RowSource, broker: EmbeddedBroker) -> list[tuple[int, bytes | None]]:
    records = source.records(LogPages(broker, "t").decoded)
    return [(record.offset, record.value) for record in records]


def test_outputs_are_made_again_in_every_partition(
    broker: EmbeddedBroker, store: SmartStreamStore, open_workbench: Open
) -> None:
    broker.topics.create("t", partitions=2)
    for _ in range(3):
        produce(broker, 1_000, 0)
        produce(broker, 1_000, 1)
    add_module(store, "first", maker("filter_map", FIRST), "first")
    workbench = open_workbench("first")
    before = wait(workbench, lambda s: full(s) and s.consumers[0].position == s.window.end_row)
    look_back(workbench, -5_000)
    after = wait(workbench, lambda s: evaluated_back(s, -5_000) and scrollback(s).evaluated[1].done)
    overlaid = paused(before, after)
    found = shown(passed_rows(overlaid.window, overlaid.consumers[0]), broker)
    expected = [(offset, b"%d" % offset) for offset in range(3_000) if not f"{offset}".startswith("2")]
    assert sorted(found) == sorted(2 * [(offset, value[:1]) for offset, value in expected])


def test_nothing_before_a_fold_is_evaluated(
    broker: EmbeddedBroker, store: SmartStreamStore, open_workbench: Open
) -> None:
    broker.topics.create("t")
    produce(broker, 2_000)
    add_module(store, "sum", aggregate("hash"), "sum")
    workbench = open_workbench("sum")
    before = wait(workbench, lambda s: full(s) and s.consumers[0].position == s.window.end_row)
    look_back(workbench, -1_000)
    after = wait(
        workbench,
        lambda s: (
            s.scrollback
            and s.scrollback.first_row <= -1_000
            and 1 in s.scrollback.evaluated
            and s.scrollback.evaluated[1].done
        ),
    )
    overlaid = paused(before, after)
    source = passed_rows(overlaid.window, overlaid.consumers[0])
    assert source.row(0) == -1
    assert shown(source, broker)[0][0] == 1_000


def test_a_pane_saves_what_it_shows(
    broker: EmbeddedBroker, store: SmartStreamStore, open_workbench: Open, tmp_path: Path
) -> None:
    broker.topics.create("t")
    produce(broker, 30)
    add_module(store, "first", maker("filter_map", FIRST), "first")
    workbench = open_workbench("first")
    snapshot = wait(workbench, lambda s: len(s.window) == 30 and s.consumers[0].position == 30)
    workbench.save(tmp_path / "saved.jsonl", passed_rows(snapshot.window, snapshot.consumers[0]))
    lines = (tmp_path / "saved.jsonl").read_text().splitlines()
    assert len(lines) == 19
    assert '"value": "1"' in lines[-1]
    assert '"offset": 19' in lines[-1]
