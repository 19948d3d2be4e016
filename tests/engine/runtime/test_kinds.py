"""Kinds that make records: outputs, their sources, faults, and room for outputs."""

import random

import pytest

from engine.errors import ContractError
from engine.records.batch import Batch, record_batch
from engine.records.faults import PrintedLine
from engine.records.verdicts import Status, Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import STACK, sparse
from tests.engine.runtime.wat_makers import (
    KINDS,
    STEP,
    TEXT,
    expected_outputs,
    keyed,
    made_outputs,
    maker,
    same_inputs,
    switch,
)

NAMED = "(local.get $header) (local.get $record)"
EACH_KIND = pytest.mark.parametrize("kind", KINDS)


def batch_of(values: list[bytes | None]) -> Batch:
    headers = [{"h": b"%d" % index} if index % 2 else None for index in range(len(values))]
    stamps = range(1_000, 1_000 + len(values))
    return Batch.consecutive(
        3, 50, record_batch(values, keys=keyed(values), timestamps=stamps, headers=headers)
    )


def mixed(kind: str, count: int, letters: str = "kkooo0nivbpxxxxxe") -> list[bytes | None]:
    chance = random.Random(f"{kind} {count} {letters}")
    letters += {"map": "", "filter_map": "dd", "array_map": "ddmmmww"}[kind]
    values: list[bytes | None] = []
    for _ in range(count):
        letter = chance.choice(letters)
        digit = b"%d" % (chance.randrange(3) if letter == "b" else chance.randrange(10))
        values.append(letter.encode() + digit + b"." * chance.randrange(9))
        if chance.random() < 0.1:
            values[-1] = chance.choice((None, b""))
    return values


@EACH_KIND
def test_outputs_of_every_form(kind: str) -> None:
    batch = batch_of(mixed(kind, 700))
    with SmartStream(maker(kind)) as stream:
        evaluation = stream.evaluate(batch)
        assert stream.kind == kind
    assert made_outputs(evaluation, batch) == expected_outputs(batch)
    assert same_inputs(evaluation, batch)
    assert evaluation.evaluated == len(batch)
    errors = [index for index in range(len(batch)) if (batch.value(index) or b"").startswith(b"e")]
    assert [(fault.index, fault.verdict, fault.message) for fault in evaluation.faults] == [
        (index, Verdict.ERROR, TEXT) for index in errors
    ]
    printed = [index for index in range(len(batch)) if (batch.value(index) or b"").startswith(b"p")]
    assert [line.index for line in evaluation.printed] == printed


@EACH_KIND
@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
def test_a_trap_keeps_the_outputs_before_it(kind: str, fields: str) -> None:
    """`T` traps after it has written its output."""
    batch = batch_of(mixed(kind, 400, "xxxxxxxxkone" + "tT"))
    with SmartStream(maker(kind, fields=fields)) as stream:
        evaluation = stream.evaluate(batch)
    assert made_outputs(evaluation, batch) == expected_outputs(batch)
    letters = [(batch.value(index) or b" ")[:1] for index in range(len(batch))]
    assert [status == Status.TRAP for status in evaluation.status] == [one in b"tT" for one in letters]


def test_a_timeout_keeps_the_outputs_around_it() -> None:
    batch = batch_of([b"a", b"k", b"L", b"o", b"L", b"x"])
    with SmartStream(maker("map"), config=limited(record_seconds=0.02)) as stream:
        evaluation = stream.evaluate(batch)
    assert made_outputs(evaluation, batch) == expected_outputs(batch)
    assert evaluation.verdicts.tolist() == [1, 1, Verdict.TIMEOUT, 1, Verdict.TIMEOUT, 1]


def test_offsets_with_gaps() -> None:
    batch = sparse([b"a", None, b"n", b"k", b"e"], [1, 4, 1, 1 << 33, 1], [b"k", b"", None, b"x", b"y"])
    with SmartStream(maker("map")) as stream:
        assert made_outputs(stream.evaluate(batch), batch) == expected_outputs(batch)


def test_large_outputs_get_room() -> None:
    batch = batch_of([b"b1", b"x", b"b9", b"b9", b"b8", b"k", b"b2", b"b9"] * 5)
    with SmartStream(maker("map")) as stream:
        evaluation = stream.evaluate(batch)
        assert made_outputs(evaluation, batch) == expected_outputs(batch)
        assert stream.restarts == 0


def test_too_large_outputs_are_an_error_of_their_record() -> None:
    batch = batch_of([b"a", b"b9", b"k", b"b1", b"b9", b"o"])
    with SmartStream(maker("map"), config=limited(output_bytes=5 * STEP)) as stream:
        evaluation = stream.evaluate(batch)
    assert evaluation.verdicts.tolist() == [1, Verdict.ERROR, 1, 1, Verdict.ERROR, 1]
    assert made_outputs(evaluation, batch) == [
        output for output in expected_outputs(batch) if output[0] not in (1, 4)
    ]
    assert {fault.message for fault in evaluation.faults} == {
        "its outputs need 878.9 KiB, more than the limit of 488.3 KiB"
    }


def test_outputs_that_memory_has_no_room_for() -> None:
    batch = batch_of([b"a", b"b9", b"k"])
    with SmartStream(maker("map"), config=limited(memory_bytes=14 << 16)) as stream:
        evaluation = stream.evaluate(batch)
    assert evaluation.verdicts.tolist() == [1, Verdict.ERROR, 1]
    assert "more than the limit of 896 KiB leaves" in evaluation.faults[0].message


def test_inherited_bytes_are_bounded_too() -> None:
    """A record of 100 KB passes as it is, and gives nine outputs at most 300 KB."""
    large = b"." * 100_000
    batch = batch_of([b"m2a", b"w1" + large, b"w9" + large, b"o", b"w2" + large, b"w4" + large, b"m3b"])
    with SmartStream(maker("array_map"), config=limited(output_bytes=300_000)) as stream:
        evaluation = stream.evaluate(batch)
    assert evaluation.verdicts.tolist() == [1, 1, Verdict.ERROR, 1, 1, Verdict.ERROR, 1]
    assert made_outputs(evaluation, batch) == [
        output for output in expected_outputs(batch) if output[0] not in (2, 5)
    ]
    assert evaluation.faults[0].message == "its outputs need 879 KiB, more than the limit of 293 KiB"
    with SmartStream(maker("array_map"), config=limited(output_bytes=50_000)) as stream:
        assert stream.evaluate(batch).verdicts.tolist()[:2] == [1, 1]


@pytest.mark.parametrize("again", [True, False], ids=["evaluated again", "kept"])
def test_lines_of_a_record_whose_outputs_did_not_fit(again: bool) -> None:
    """The guest has no room for the output of the first call, and prints in each call or in that one only."""
    once = "(i32.eqz (global.get $seen))"
    prints = "(call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 0) (i32.const 7))"
    big = "(i32.const 0) (i32.const -2) (i32.const 0) (i32.const 500000)"
    does = f"""
        (if {"(i32.const 1)" if again else once} (then {prints}))
        (global.set $seen (i32.const 1))
        (call $one (local.get $header) (local.get $record) {big})"""
    batch = batch_of([b"x"])
    with SmartStream(maker("map", does)) as stream:
        evaluation = stream.evaluate(batch)
    assert [line.text for line in evaluation.printed] == [TEXT]
    assert len(made_outputs(evaluation, batch)[0][2] or b"") == 500_000


def test_lines_of_a_record_with_too_large_outputs_are_shown_once() -> None:
    prints = "(call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 0) (i32.const 7))"
    big = "(i32.const 0) (i32.const -2) (i32.const 0) (i32.const 500000)"
    small = "(local.get $value) (i32.const -2) (local.get $value) (local.get $length)"
    does = switch({"b": f"{prints} (call $one {NAMED} {big})"}, f"(call $one {NAMED} {small})")
    batch = batch_of([b"x", b"b", b"x", b"x"])
    with SmartStream(maker("map", does), config=limited(output_bytes=200_000)) as stream:
        evaluation = stream.evaluate(batch)
    assert evaluation.verdicts.tolist() == [1, Verdict.ERROR, 1, 1]
    assert evaluation.printed == (PrintedLine(1, TEXT),)


def test_memory_stays_bounded_by_an_early_end() -> None:
    batch = batch_of([b"b9"] * 200)
    found = []
    with SmartStream(maker("map")) as stream:
        rest = batch
        while len(rest):
            evaluation = stream.evaluate(rest)
            assert 0 < evaluation.evaluated < 100
            found += [len(value) for _, _, value in made_outputs(evaluation, rest) if value is not None]
            rest = rest.slice(evaluation.evaluated, len(rest))
    assert found == [9 * STEP] * 200


LAST = "(i32.sub (i32.add {area} {size}) (i32.const 16))"
NONE = "(i32.store {area} (i32.const 0)) (i32.store offset=4 {area} (i32.const 0))"
LIES = {
    "a source of another record": f"(i32.store {LAST} (i32.const 7))",
    "a negative source": f"(i32.store {LAST} (i32.const -1))",
    "an impossible length": f"(i32.store offset=4 {LAST} (i32.const -3))",
    "a huge length": f"(i32.store offset=8 {LAST} (i32.const 0x7fffffff))",
    "more outputs than fit": "(i32.store {area} (i32.const 0x0fffffff))",
    "all outputs": "(i32.store {area} (i32.const -1))",
    "more bytes than fit": "(i32.store offset=4 {area} (i32.const -1))",
    "bytes of no output": "(i32.store offset=4 {area} (i32.const 8))",
    "no outputs": NONE,
    "room that it had": f"{NONE} (i32.store offset=8 {{area}} (i32.const 40)) (return (i32.const 0))",
    "no progress": "(return (i32.const 0))",
}
AREA = {
    "area": "(i32.load offset=80 (local.get $header))",
    "size": "(i32.load offset=84 (local.get $header))",
}


@EACH_KIND
@pytest.mark.parametrize("lie", LIES)
def test_a_lying_guest_breaks_its_contract(kind: str, lie: str) -> None:
    with (
        SmartStream(maker(kind, after=LIES[lie].format(**AREA))) as stream,
        pytest.raises(ContractError, match="broke the guest contract"),
    ):
        stream.evaluate(batch_of([b"x"]))


@EACH_KIND
def test_two_outputs_of_a_record(kind: str) -> None:
    names = ("header", "record", "value", "keyed", "value", "length")
    call = f"(call $one {' '.join(f'(local.get ${name})' for name in names)})"
    twice = f"(drop {call}) {call}".replace("(local.get $keyed)", "(i32.const -2)")
    batch = batch_of([b"x", b"y"])
    with SmartStream(maker(kind, twice)) as stream:
        if kind == "array_map":
            assert [output[0] for output in made_outputs(stream.evaluate(batch), batch)] == [0, 0, 1, 1]
            return
        with pytest.raises(ContractError, match="results and its outputs"):
            stream.evaluate(batch)


def test_an_output_area_filled_to_the_last_byte() -> None:
    """Records for which the guest asks for exactly what they need."""
    for size in (1, 2, 3):
        batch = batch_of([b"b%d" % size] * 3)
        with SmartStream(maker("map"), config=limited(output_bytes=size * STEP + 32)) as stream:
            assert made_outputs(stream.evaluate(batch), batch) == expected_outputs(batch)
