"""Property: a batch is evaluated like its records one by one, whatever the records and faults."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.records.batch import Batch
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import SPIN, STACK, WRITE, guest, sparse, when

LIMITS = limited(record_seconds=0.02, faults_in_a_row=None)
TEXTS = '(data (i32.const 0) "no good oh no    a/f.rs:9:21")'


def write(kind: int, start: int, length: int) -> str:
    numbers = " ".join(f"(i32.const {number})" for number in (kind, start, length))
    return f"(call $write (local.get $header) (local.get $record) {numbers})"


SAYS = {
    "d": "(i32.const 0)",
    "e": f"{write(1, 0, 7)} (i32.const 2)",
    "s": "(i32.const 2)",
    "l": f"{write(4, 0, 2)} {write(4, 3, 4)} (i32.const 1)",
    "t": "(unreachable)",
    "z": "(i32.div_u (i32.const 1) (i32.const 0))",
    "m": "(i32.load (i32.const -8))",
    "p": f"{write(4, 8, 2)} {write(2, 8, 5)} {write(3, 17, 11)} (unreachable)",
    "L": "(call $spin_for_ever) (i32.const 1)",
}
"""What the guest does for a value that begins with this letter; it passes all others."""


def module(fields: str, version: int = 1) -> bytes:
    says = "(i32.const 1)"
    for letter, then in SAYS.items():
        says = when(letter, then, says)
    return guest(says, abi=f"(i32.const {version})", fields=SPIN + WRITE + TEXTS + fields)


RECORDS = st.text(alphabet="dddeslltzmpxxxxxxx_", max_size=120)
"""`_` is a tombstone."""
PARTS = st.lists(RECORDS, min_size=1, max_size=4)
Report = tuple[list[int], list[object], list[object]]


def evaluated(stream: SmartStream, batches: Sequence[Batch]) -> Report:
    """Verdicts, faults and printed lines of batches, by offset."""
    found: Report = ([], [], [])
    for part in batches:
        evaluation = stream.evaluate(part)
        assert (evaluation.evaluated, evaluation.lost_lines) == (len(part), 0)
        found[0].extend(evaluation.verdicts.tolist())
        found[1].extend((part.offset(f.index), f.verdict, f.message, f.location) for f in evaluation.faults)
        found[2].extend((part.offset(line.index), line.text) for line in evaluation.printed)
    return found


def one_by_one(batches: Sequence[Batch]) -> list[Batch]:
    return [part.slice(index, index + 1) for part in batches for index in range(len(part))]


def batches(parts: Sequence[str]) -> list[Batch]:
    """With a gap before every seventh record."""
    made, base = [], 0
    for part in parts:
        values = [None if letter == "_" else letter.encode() * (n % 5 + 1) for n, letter in enumerate(part)]
        steps = [4 if n % 7 == 6 else 1 for n in range(len(part))]
        made.append(sparse(values, steps, base=base))
        base = made[-1].next_offset
    return made


VERSIONS = pytest.mark.parametrize("version", [1, 2])


@VERSIONS
@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
@settings(max_examples=40)
@given(parts=PARTS)
def test_batches_equal_their_records_one_by_one(fields: str, version: int, parts: list[str]) -> None:
    made = batches(parts)
    with (
        SmartStream(module(fields, version), config=LIMITS) as whole,
        SmartStream(module(fields, version), config=LIMITS) as single,
    ):
        assert evaluated(whole, made) == evaluated(single, one_by_one(made))


@VERSIONS
@settings(max_examples=12)
@given(before=RECORDS, between=RECORDS, after=RECORDS)
def test_endless_records_affect_themselves_only(version: int, before: str, between: str, after: str) -> None:
    text = f"{before}L{between}L{after}"
    made = batches([text])
    rest = batches([text.replace("L", "d")])
    with (
        SmartStream(module(STACK, version), config=LIMITS) as stream,
        SmartStream(module(STACK, version), config=LIMITS) as other,
    ):
        verdicts, faults, outputs = evaluated(stream, made)
        expected = evaluated(other, one_by_one(rest))
    endless = [index for index, letter in enumerate(text) if letter == "L"]
    assert [verdicts[index] for index in endless] == [Verdict.TIMEOUT] * 2
    assert [v for index, v in enumerate(verdicts) if index not in endless] == [
        v for index, v in enumerate(expected[0]) if index not in endless
    ]
    offsets = {made[0].offset(index) for index in endless}
    assert [fault for fault in faults if fault[0] not in offsets] == expected[1]  # type: ignore[index]
    assert outputs == expected[2]
