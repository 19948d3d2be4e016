"""Evaluating batches: every column, slices, state, budgets, messages."""

import random

import pyarrow as pa
import pytest

from engine.errors import SmartStreamError
from engine.records.batch import Batch
from engine.records.faults import Fault, PrintedLine
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.hashed_records import expected, fields_module, random_batch, reported
from tests.engine.runtime.wat_guests import SPIN, WRITE, batch, by_hand, guest, letters, when

pytestmark = pytest.mark.usefixtures("each_call_path")


def test_smallest_filter() -> None:
    with SmartStream(by_hand("digit.wat")) as stream:
        evaluation = stream.evaluate(batch([b"abc", b"a1", b"", b"\xff9", b"no"]))
    assert evaluation.verdicts.tolist() == [0, 1, 0, 1, 0]
    assert evaluation.evaluated == 5
    assert evaluation.faults == evaluation.printed == ()
    assert evaluation.seconds > 0
    assert evaluation.lost_lines == 0


@pytest.mark.parametrize("keys", ["none", "some", "all"])
def test_every_column_reaches_the_guest(keys: str) -> None:
    chance = random.Random(f"columns {keys}")
    with SmartStream(fields_module()) as stream:
        for count in (1, 7, 64, 900):
            records = random_batch(chance, count, keys)
            assert reported(stream.evaluate(records)) == expected(records)


def test_sliced_batches() -> None:
    chance = random.Random("slices")
    whole = random_batch(chance, 120, "some")
    with SmartStream(fields_module()) as stream:
        for _ in range(40):
            start = chance.randrange(120)
            part = whole.slice(start, chance.randrange(start + 1, 121))
            assert reported(stream.evaluate(part)) == expected(part)


def test_joined_and_empty_batches() -> None:
    chance = random.Random("joined")
    parts = [random_batch(chance, 5, keys).records for keys in ("none", "some", "all")]
    joined = Batch.consecutive(0, 9, pa.concat_batches(parts))
    with SmartStream(fields_module()) as stream:
        assert reported(stream.evaluate(joined)) == expected(joined)
        nothing = stream.evaluate(batch([]))
        assert reported(nothing) == ([], [], [])
        assert nothing.evaluated == 0
        empties = batch([b""] * 20, [b""] * 20)
        assert reported(stream.evaluate(empties)) == expected(empties)


def test_more_messages_than_the_area_holds() -> None:
    records = batch([b"%d" % n for n in range(12_000)])
    with SmartStream(fields_module()) as stream:
        evaluation = stream.evaluate(records)
    assert reported(evaluation) == expected(records)
    assert evaluation.lost_lines == 0


def test_large_batches_are_copied_in_parts() -> None:
    with SmartStream(by_hand("digit.wat")) as stream:
        many = stream.evaluate(batch([b"7", b"x"] * 20_000))
        assert many.verdicts.tolist() == [1, 0] * 20_000
        large = stream.evaluate(batch([b"x" * 700_000, b"7"] * 8))
        assert large.verdicts.tolist() == [0, 1] * 8


def test_memory_grows_for_large_record() -> None:
    with SmartStream(by_hand("digit.wat")) as stream:
        values = [b"a", b"x" * (16 << 20), b"x" * (16 << 20) + b"1", b"b2"]
        assert stream.evaluate(batch(values)).verdicts.tolist() == [0, 0, 1, 1]
        assert stream.restarts == 0


def test_oversized_record_gets_the_only_fault() -> None:
    values = [b"a1", b"x" * (9 << 20), b"b2", b"c"]
    with SmartStream(by_hand("digit.wat"), config=limited(memory_bytes=8 << 20)) as stream:
        evaluation = stream.evaluate(batch(values))
        assert evaluation.verdicts.tolist() == [1, Verdict.TRAP, 1, 0]
        (fault,) = evaluation.faults
        assert fault.index == 1
        assert fault.message == "needs 9.1 MiB of memory, more than the limit of 8 MiB leaves"
        again = stream.evaluate(batch([b"3"] * 20_000))
        assert again.verdicts.tolist() == [1] * 20_000


def test_guest_with_little_memory_gets_small_batches() -> None:
    small = "(select (i32.const 0) (i32.const 4096) (i32.gt_u (local.get $size) (i32.const 70000)))"
    with SmartStream(guest(when("d", "(i32.const 0)"), memory="2 2", alloc=small)) as stream:
        assert stream.evaluate(letters("dp" * 1_000)).verdicts.tolist() == [0, 1] * 1_000
        assert stream.restarts == 0


def test_alloc_that_traps_without_memory() -> None:
    traps = "(if (i32.gt_u (local.get $size) (i32.const 70000)) (then (unreachable))) (i32.const 4096)"
    with SmartStream(guest(memory="2 2", alloc=traps)) as stream:
        assert stream.evaluate(letters("x" * 1_000)).verdicts.tolist() == [1] * 1_000


def test_memory_grows_during_a_call() -> None:
    grows = when("g", "(i32.eq (memory.grow (i32.const 40)) (i32.const -1))")
    with SmartStream(guest(grows)) as stream:
        text = "xgx" * 5
        assert stream.evaluate(letters(text)).verdicts.tolist() == [int(c == "x") for c in text]


def test_state_lasts_between_calls() -> None:
    counts = """
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (i32.eqz (i32.rem_u (global.get $count) (i32.const 3)))"""
    with SmartStream(guest(counts, fields="(global $count (mut i32) (i32.const 0))")) as stream:
        verdicts = [v for _ in range(10) for v in stream.evaluate(letters("abcd")).verdicts.tolist()]
    assert verdicts == [int(n % 3 == 0) for n in range(1, 41)]


def test_early_return_continues_with_the_next_record() -> None:
    """A guest may evaluate fewer records than it was given, for any reason."""
    two = """
        (local.set $end
          (select
            (local.get $end)
            (i32.add (local.get $record) (i32.const 2))
            (i32.lt_u (local.get $end) (i32.add (local.get $record) (i32.const 2)))))"""
    with SmartStream(guest(when("d", "(i32.const 0)"), enter=two)) as stream:
        assert stream.evaluate(letters("dpp" * 30)).verdicts.tolist() == [0, 1, 1] * 30


def test_error_texts_and_printed_lines() -> None:
    wasm = guest(
        when(
            "e",
            """(call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 0) (i32.const 5))
            (call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 5) (i32.const 0))
            (call $write (local.get $header) (local.get $record) (i32.const 1) (i32.const 5) (i32.const 6))
            (call $write (local.get $header) (local.get $record) (i32.const 77) (i32.const 0) (i32.const 6))
            (i32.const 2)""",
            when("s", "(i32.const 2)"),
        ),
        fields=WRITE + '(data (i32.const 0) "hello\\ff is it")',
    )
    with SmartStream(wasm) as stream:
        evaluation = stream.evaluate(letters("aesa"))
    assert evaluation.verdicts.tolist() == [1, 2, 2, 1]
    assert evaluation.faults == (
        Fault(1, Verdict.ERROR, "\ufffd is it"[:6]),
        Fault(2, Verdict.ERROR, "returned an error without a text"),
    )
    assert evaluation.printed == (PrintedLine(1, "hello"), PrintedLine(1, ""))


def test_budget_evaluates_a_prefix() -> None:
    slow = guest("(call $spin (i32.const 3000000)) (i32.const 1)", fields=SPIN)
    records = letters("x" * 60, base=100)
    with SmartStream(slow, config=limited(record_seconds=10)) as stream:
        rounds = 0
        while len(records):
            evaluation = stream.evaluate(records, budget=0.0)
            evaluated = evaluation.evaluated
            assert 0 < evaluated <= len(records)
            assert (evaluation.verdicts[:evaluated] == Verdict.PASS).all()
            assert (evaluation.verdicts[evaluated:] == Verdict.PENDING).all()
            records = records.slice(evaluated, len(records))
            rounds += 1
        assert rounds > 1
        assert stream.restarts == 0


def test_untimed_evaluation_gives_the_same_result() -> None:
    chance = random.Random("untimed")
    records = random_batch(chance, 500, "some")
    with SmartStream(fields_module(), config=limited(timed=False)) as stream:
        assert reported(stream.evaluate(records)) == expected(records)
        stream.interrupt()
        assert stream.evaluate(records).evaluated == 0
        assert reported(stream.evaluate(records)) == expected(records)


def test_evaluate_after_close() -> None:
    stream = SmartStream(by_hand("digit.wat"), name="f.rs")
    stream.close()
    stream.close()
    stream.interrupt()
    with pytest.raises(SmartStreamError, match=r"f\.rs is closed"):
        stream.evaluate(letters("a"))


def test_lost_messages_are_counted() -> None:
    lost = "(i32.store offset=4 (i32.load offset=64 (local.get $header)) (i32.const 7))"
    with SmartStream(guest(enter=lost)) as stream:
        evaluation = stream.evaluate(letters("a"))
    assert (evaluation.lost_lines, evaluation.version) == (7, 1)


def test_memory_is_reported_until_closed() -> None:
    with SmartStream(guest(memory="3")) as stream:
        stream.evaluate(letters("a"))
        assert stream.memory == 3 << 16
    assert stream.memory == 0
