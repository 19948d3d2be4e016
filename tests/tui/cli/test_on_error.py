"""How `consume` handles records that a filter fails on, and its statistics; modules written by hand."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from engine.records.batch import record_batch
from tests.engine.runtime.wat_guests import guest, when
from tests.tui.cli.conftest import InProcess, Program

PICKY = guest(when("t", "(unreachable)", when("e", "(i32.const 2)", when("d", "(i32.const 0)"))))
"""Traps on values that begin with t, returns an error on e, drops d."""
FILTERED = ("consume", "logs", "--use-filter", "picky", "-B", "-d")


@pytest.fixture
def picky(program: Program, here: InProcess, compiled_once: None) -> InProcess:
    add_module(SmartStreamStore(program.data), "picky", PICKY, "picky")
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs")
        values = [b"a", b"d1", b"e1", b"t\xff", b"b", b"e2"]
        broker.log.append("logs", record_batch(values, keys=[b"k", *[None] * 5], timestamps=5))
    return here


def test_skip_leaves_out_and_counts(picky: InProcess) -> None:
    for option in ([], ["--on-error", "skip"]):
        outcome = picky.ok(*FILTERED, *option)
        assert outcome.out == b"a\nb\n"
        lines = outcome.err.splitlines()
        assert lines[-1].endswith("3 records left out because a SmartStream failed on them: 2 errors, 1 trap")


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ([], ["● a", "✗ e1", "! t\\xff", "● b", "✗ e2"]),
        (["-k"], ["● [k] a", "✗ [null] e1", "! [null] t\\xff", "● [null] b", "✗ [null] e2"]),
        (["-F", "x{{partition}}", "-n", "2"], ["● x0", "✗ x0"]),
        (["--color", "always", "-n", "2"], ["\x1b[32m● \x1b[0ma", "\x1b[31m✗ \x1b[0me1"]),
        (
            ["-O", "table"],
            [
                "VERDICT  PARTITION  OFFSET  TIME                      KEY   VALUE",
                "● pass   0          0       1970-01-01T00:00:00.005Z  k     a",
                "✗ error  0          2       1970-01-01T00:00:00.005Z  null  e1",
                "! trap   0          3       1970-01-01T00:00:00.005Z  null  t\\xff",
                "● pass   0          4       1970-01-01T00:00:00.005Z  null  b",
                "✗ error  0          5       1970-01-01T00:00:00.005Z  null  e2",
            ],
        ),
    ],
)
def test_keep_prints_and_marks(picky: InProcess, options: Sequence[str], lines: Sequence[str]) -> None:
    outcome = picky.ok(*FILTERED, "--on-error", "keep", *options)
    assert outcome.out.decode(errors="backslashreplace").splitlines() == lines
    assert "marked because a SmartStream failed on " in outcome.err


def test_json_has_messages_and_can_be_produced_again(picky: InProcess, tmp_path: Path) -> None:
    printed = picky.ok(*FILTERED, "--on-error", "keep", "-O", "json").out
    found = [json.loads(line) for line in printed.splitlines()]
    assert [(one["offset"], one["verdict"]) for one in found] == [
        (0, "pass"),
        (2, "error"),
        (3, "trap"),
        (4, "pass"),
        (5, "error"),
    ]
    assert [one.get("message") for one in found] == [
        None,
        "returned an error without a text",
        "aborted without a message (a panic or an abort)",
        None,
        "returned an error without a text",
    ]
    saved = tmp_path / "saved.json"
    saved.write_bytes(printed)
    picky.ok("produce", "again", "--create", "--json", saved)
    assert picky.ok("consume", "again", "-B", "-d").out == b"a\ne1\nt\xff\nb\ne2\n"


def test_stop_ends_at_the_first_fault(picky: InProcess) -> None:
    outcome = picky.run(*FILTERED, "--on-error", "stop")
    assert (outcome.status, outcome.out) == (1, b"a\n")
    assert outcome.err == (
        "fluvio-tui: stopped at the SmartStream's error on offset 2 of partition 0: "
        "returned an error without a text\n"
    )
    assert picky.ok(*FILTERED, "--on-error", "stop", "-n", "1").out == b"a\n"


def test_named_consumer_resumes_at_the_fault(picky: InProcess) -> None:
    assert picky.run(*FILTERED, "--on-error", "stop", "-c", "c1").status == 1
    assert picky.ok("consume", "logs", "-c", "c1", "-d").out == b"e1\nt\xff\nb\ne2\n"


def test_statistics_are_one_json_object(picky: InProcess) -> None:
    outcome = picky.ok(*FILTERED, "--stats", "json")
    found = json.loads(outcome.err.splitlines()[-1])
    measured = {name: found.pop(name) for name in ("seconds", "records_per_second", "memory_bytes")}
    costs = found.pop("cost_p50_ns"), found.pop("cost_p99_ns")
    assert found == {
        "topic": "logs",
        "records": 6,
        "passed": 2,
        "dropped": 1,
        "errors": 2,
        "traps": 1,
        "timeouts": 0,
        "pending": 0,
        "lost": 0,
        "damaged": 0,
        "printed": 2,
        "bytes_in": 11,
        "bytes_out": 3,
        "version": 1,
    }
    assert all(value > 0 for value in measured.values())
    assert 0 < costs[0] <= costs[1]


def test_statistics_without_a_filter(picky: InProcess) -> None:
    found = json.loads(picky.ok("consume", "logs", "-T", "2", "-d", "--stats=json").err)
    assert (found["records"], found["passed"], found["bytes_out"]) == (2, 2, 3)
    assert [found[name] for name in ("version", "cost_p50_ns", "memory_bytes")] == [None] * 3


def test_statistics_of_a_stopped_consume_count_the_fault(picky: InProcess) -> None:
    outcome = picky.run(*FILTERED, "--on-error", "stop", "--stats", "json")
    found = json.loads(outcome.err.splitlines()[0])
    assert [found[name] for name in ("records", "passed", "dropped", "errors")] == [3, 1, 1, 1]


def test_statistics_count_pending_records(picky: InProcess) -> None:
    add_module(SmartStreamStore(picky.data), "broken", guest("(i32.const 7)"), "broken")
    outcome = picky.run("consume", "logs", "--use-filter", "broken", "-B", "--stats", "json")
    assert (outcome.status, outcome.out) == (1, b"")
    found = json.loads(next(line for line in outcome.err.splitlines() if line.startswith("{")))
    assert [found[name] for name in ("records", "pending", "version")] == [0, 6, None]


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["--on-error", "keep"], "--on-error needs a SmartStream"),
        (["--watch"], "--watch needs a SmartStream: add --inline FILE\n"),
        (["--watch", "--use-filter", "picky"], "a stored SmartStream is always followed"),
        (["--use-filter", "picky", "--on-error", "keep", "-O", "raw"], "-O raw and --on-error keep"),
    ],
)
def test_contradicting_options_are_wrong_usage(picky: InProcess, options: Sequence[str], error: str) -> None:
    outcome = picky.run("consume", "logs", *options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert error in outcome.err
