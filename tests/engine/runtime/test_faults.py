"""A fault affects its record only; a guest that violates the contract is stopped."""

import random

import pytest

from engine.errors import ContractError, SmartStreamError, TooManyFaultsError
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from engine.runtime.fault_policy import ABORTS_PER_INSTANCE
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import SPIN, STACK, WRITE, batch, by_hand, compiled, guest, letters, when

pytestmark = pytest.mark.usefixtures("each_call_path")

VERDICTS = {
    "p": Verdict.PASS,
    "d": Verdict.DROP,
    "e": Verdict.ERROR,
    "t": Verdict.TRAP,
}
MIXED = when("d", "(i32.const 0)", when("e", "(i32.const 2)", when("t", "(unreachable)")))
COUNT = "(global $count (mut i32) (i32.const 0))"


@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
def test_traps_affect_their_own_records_only(fields: str) -> None:
    chance = random.Random("traps" + fields)
    with SmartStream(guest(MIXED, fields=fields)) as stream:
        for rate in (0.0, 0.02, 0.5, 1.0):
            text = "".join("t" if chance.random() < rate else chance.choice("pde") for _ in range(300))
            evaluation = stream.evaluate(letters(text))
            assert evaluation.verdicts.tolist() == [VERDICTS[letter] for letter in text]
            assert [f.index for f in evaluation.faults] == [i for i, c in enumerate(text) if c in "et"]
            assert [f.verdict for f in evaluation.faults] == [VERDICTS[c] for c in text if c in "et"]


@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
def test_batch_equals_its_records_one_by_one(fields: str) -> None:
    chance = random.Random("one by one" + fields)
    with (
        SmartStream(guest(MIXED, fields=fields)) as whole,
        SmartStream(guest(MIXED, fields=fields)) as single,
    ):
        for _ in range(20):
            text = "".join(chance.choices("pdet", (6, 3, 1, 1), k=chance.randrange(1, 60)))
            at_once = whole.evaluate(letters(text))
            parts = [single.evaluate(letters(letter)) for letter in text]
            assert at_once.verdicts.tolist() == [v for part in parts for v in part.verdicts.tolist()]
            assert [f.message for f in at_once.faults] == [f.message for part in parts for f in part.faults]


def test_state_survives_a_trap_with_exported_stack_pointer() -> None:
    counts = when(
        "t",
        "(unreachable)",
        "(global.set $count (i32.add (global.get $count) (i32.const 1)))"
        "(i32.eqz (i32.rem_u (global.get $count) (i32.const 3)))",
    )
    with SmartStream(guest(counts, fields=COUNT + STACK)) as stream:
        assert stream.evaluate(letters("xxtxttxxx")).verdicts.tolist() == [0, 0, 3, 1, 3, 3, 0, 0, 1]
        assert stream.restarts == 0
    with SmartStream(guest(counts, fields=COUNT)) as stream:
        assert stream.evaluate(letters("xxtxxxttx")).verdicts.tolist() == [0, 0, 3, 0, 0, 1, 3, 3, 0]
        assert stream.restarts == 3


def test_leftovers_of_a_trap_blame_no_innocent_record() -> None:
    """Like a lock that a panicking record had taken: nothing releases it in that instance."""
    held = """
        (if (global.get $count) (then (drop (i32.div_u (i32.const 1) (i32.const 0)))))
        (global.set $count (i32.const 1))
        """ + when("t", "(unreachable)", "(global.set $count (i32.const 0)) (i32.const 1)")
    with SmartStream(guest(held, fields=COUNT + STACK)) as stream:
        evaluation = stream.evaluate(letters("ptpptttpp"))
    assert evaluation.verdicts.tolist() == [1, 3, 1, 1, 3, 3, 3, 1, 1]
    assert len({fault.message for fault in evaluation.faults}) == 1


def test_panic_about_a_lock_counts_in_a_fresh_instance_only() -> None:
    panics = """
        (call $write (local.get $header) (local.get $record) (i32.const 2) (i32.const 0) (i32.const 16))
        (call $write (local.get $header) (local.get $record) (i32.const 3) (i32.const 16) (i32.const 8))
        (unreachable)"""
    body = f"""
        (if (global.get $count) (then {panics}))
        (global.set $count (i32.const 1))
        {when("t", panics, "(global.set $count (i32.const 0)) (i32.const 1)")}"""
    texts = '(data (i32.const 0) "already borrowedf.rs:1:1")'
    with SmartStream(guest(body, fields=COUNT + STACK + WRITE + texts)) as stream:
        assert stream.evaluate(letters("pttptpp")).verdicts.tolist() == [1, 3, 3, 1, 3, 1, 1]


def test_instance_is_replaced_after_many_traps() -> None:
    with SmartStream(guest(MIXED, fields=STACK)) as stream:
        stream.evaluate(letters("t" * (3 * ABORTS_PER_INSTANCE + 1)))
        assert stream.restarts == 3


def test_stack_pointer_is_reset_after_a_trap() -> None:
    """Otherwise the sixth of these records would trap because the stack has leaked."""
    deep = f"""
        (global.set $sp (i32.sub (global.get $sp) (i32.const 700)))
        (if (i32.lt_s (global.get $sp) (i32.const 0)) (then (unreachable)))
        {when("t", "(unreachable)")}
        (global.set $sp (i32.add (global.get $sp) (i32.const 700)))"""
    with SmartStream(guest(deep, fields=STACK)) as stream:
        text = "tttttttttp" * 6
        assert stream.evaluate(letters(text)).verdicts.tolist() == [VERDICTS[c] for c in text]
        assert stream.restarts == 0


def test_panic_has_message_and_location() -> None:
    panics = """
        (call $write (local.get $header) (local.get $record) (i32.const 4) (i32.const 18) (i32.const 2))
        (call $write (local.get $header) (local.get $record) (i32.const 2) (i32.const 0) (i32.const 5))
        (call $write (local.get $header) (local.get $record) (i32.const 3) (i32.const 5) (i32.const 13))
        (unreachable)"""
    wasm = guest(when("t", panics), fields=WRITE + '(data (i32.const 0) "oh noa:b/f.rs:9:21in")')
    with SmartStream(wasm) as stream:
        evaluation = stream.evaluate(letters("ptp"))
    (fault,) = evaluation.faults
    assert (fault.index, fault.verdict, fault.message) == (1, Verdict.TRAP, "oh no")
    assert fault.location == Location("a:b/f.rs", 9, 21)
    assert [(line.index, line.text) for line in evaluation.printed] == [(1, "in")]


def test_panics_without_message_after_panics_with_one() -> None:
    """Rust 1.63 calls the panic hook for the first two panics of an instance only."""
    mute = """
        (global.set $count (i32.add (global.get $count) (i32.const 1)))
        (if (i32.le_u (global.get $count) (i32.const 2))
          (then
            (call $write (local.get $header) (local.get $record) (i32.const 2) (i32.const 0) (i32.const 5))))
        (unreachable)"""
    wasm = guest(when("t", mute), fields=COUNT + STACK + WRITE + '(data (i32.const 0) "oh no")')
    with SmartStream(wasm) as stream:
        evaluation = stream.evaluate(letters("tp" * 20))
        assert evaluation.verdicts.tolist() == [3, 1] * 20
        assert {fault.message for fault in evaluation.faults} == {"oh no"}
        assert stream.restarts == 10


@pytest.mark.parametrize(
    ("trap", "message"),
    [
        ("(unreachable)", "aborted without a message (a panic or an abort)"),
        ("(call $deep)", "recursed too deep (limit 256 KiB of stack)"),
        ("(i32.div_u (i32.const 1) (i32.const 0))", "divided by zero"),
        (
            "(i32.div_s (i32.const 0x80000000) (i32.const -1))",
            "overflowed an integer type",
        ),
        ("(i32.trunc_f64_s (f64.const 1e99))", "overflowed an integer type"),
        ("(i32.trunc_f64_s (f64.const nan))", "converted NaN to an integer"),
        ("(i32.load (i32.const -8))", "accessed memory out of bounds"),
        ("(call_indirect (type $t) (i32.const 9))", "called a function that does not exist"),
        ("(call_indirect (type $t) (i32.const 1))", "called a function that does not exist"),
        ("(call_indirect (type $t) (i32.const 0))", "called a function with the wrong type"),
    ],
)
def test_trap_descriptions(trap: str, message: str) -> None:
    fields = """
        (type $t (func (param i64) (result i32))) (table 2 funcref) (elem (i32.const 0) $deep)
        (func $deep (result i32) (i32.add (call $deep) (i32.const 1)))"""
    trap = trap.replace("(type $t)", "(type $t) (i64.const 0)")
    with SmartStream(guest(when("t", trap), fields=fields)) as stream:
        evaluation = stream.evaluate(letters("ptp"))
    assert evaluation.verdicts.tolist() == [1, 3, 1]
    assert evaluation.faults[0].message == message


def test_overflow_of_the_stack_in_memory_is_named() -> None:
    deep = """
        (func $deep (result i32)
          (global.set $sp (i32.sub (global.get $sp) (i32.const 512)))
          (i32.store (global.get $sp) (i32.const 1))
          (i32.add (call $deep) (i32.const 1)))"""
    with SmartStream(guest(when("t", "(call $deep)"), fields=STACK + deep)) as stream:
        evaluation = stream.evaluate(letters("ptp"))
        assert evaluation.faults[0].message == "recursed too deep, or keeps too much data on its stack"
        assert evaluation.verdicts.tolist() == [1, 3, 1]
        assert stream.restarts == 1, "the heap may be torn"


def test_leak_up_to_the_memory_limit_replaces_the_instance() -> None:
    leaks = """
        (if (i32.eq (memory.grow (i32.const 1)) (i32.const -1)) (then (unreachable)))
        (i32.const 1)"""
    with SmartStream(guest(leaks, fields=STACK), config=limited(memory_bytes=1 << 20)) as stream:
        evaluation = stream.evaluate(letters("x" * 60))
        assert [fault.index for fault in evaluation.faults] == [14, 29, 44, 59]
        assert stream.restarts == 4
        assert evaluation.faults[0].message == (
            "aborted without a message with 1 MiB of memory in use: "
            "it probably needed more than the limit of 1 MiB"
        )


IN_A_ROW = limited(faults_in_a_row=5, record_seconds=0.02)
FAILING = when("t", "(unreachable)", when("L", "(call $spin_for_ever) (i32.const 1)", MIXED))


@pytest.mark.parametrize("fields", [SPIN, SPIN + STACK], ids=["fresh instances", "same instance"])
def test_too_many_faults_in_a_row_stop_the_smartstream(fields: str) -> None:
    with SmartStream(guest(FAILING, fields=fields), config=IN_A_ROW, name="f.rs") as stream:
        records = letters("ttttpttttdtttteptLtLttpp")
        evaluation = stream.evaluate(records)
        assert evaluation.evaluated == 21
        assert len(evaluation.faults) == 18
        assert evaluation.verdicts[21:].tolist() == [Verdict.PENDING] * 3
        with pytest.raises(TooManyFaultsError) as caught:
            stream.evaluate(records.slice(21, 24))
        assert caught.value.message == "f.rs was stopped after 5 traps and timeouts in a row"
        assert caught.value.faults == 5
        stream.resume()
        assert stream.stopped is None
        assert stream.evaluate(records.slice(21, 24)).verdicts.tolist() == [3, 1, 1]


def test_faults_in_a_row_are_counted_across_calls() -> None:
    with SmartStream(guest(MIXED), config=IN_A_ROW) as stream:
        for text in ("tt", "tp", "tttt"):
            assert stream.evaluate(letters(text)).evaluated == len(text)
        assert stream.evaluate(letters("tt")).evaluated == 1
        assert stream.stopped is not None


def test_errors_do_not_count_as_faults_in_a_row() -> None:
    with SmartStream(guest(MIXED), config=IN_A_ROW) as stream:
        assert stream.evaluate(letters("e" * 100)).verdicts.tolist() == [Verdict.ERROR] * 100
        assert stream.stopped is None


def test_oversized_records_count_as_faults_in_a_row() -> None:
    config = limited(faults_in_a_row=2, memory_bytes=8 << 20)
    with SmartStream(by_hand("digit.wat"), config=config) as stream:
        evaluation = stream.evaluate(batch([b"a1", b"x" * (9 << 20), b"x" * (9 << 20), b"b2"]))
        assert evaluation.evaluated == 3
        assert stream.stopped is not None


def test_no_limit_of_faults_in_a_row() -> None:
    with SmartStream(guest(MIXED, fields=STACK), config=limited(faults_in_a_row=None)) as stream:
        assert stream.evaluate(letters("t" * 1_200)).evaluated == 1_200
    with SmartStream(guest(MIXED, fields=STACK)) as stream:
        assert stream.evaluate(letters("t" * 1_200)).evaluated == 1_000


VIOLATIONS = {
    "an invalid result": guest("(i32.const 7)"),
    "a result reserved for the host": guest("(i32.const 3)"),
    "no result written": guest("(i32.const 255)"),
    "no record evaluated": guest(result="(i32.load offset=8 (local.get $header))"),
    "more records than given": guest(result="(i32.add (local.get $record) (i32.const 1))"),
    "a negative index": guest(result="(i32.const -1)"),
    "a region beyond its memory": guest(alloc="(i32.const 65528)"),
    "an address past any memory": guest(alloc="(i32.const -8)"),
    "an unaligned region": guest(memory="4", alloc="(i32.const 4100)"),
    "a trap before the first record": guest(enter="(unreachable)"),
    "progress past the end, then a trap": guest("(unreachable)", progress="(i32.const 9)"),
    "progress before the start, then a trap": guest(
        when("t", "(unreachable)"), progress="(i32.sub (local.get $record) (i32.const 1))"
    ),
    "progress that names no record, then a trap": guest("(unreachable)", progress="(i32.const -1)"),
    "a trap after records without results": guest("(unreachable)", progress="(i32.const 1)"),
    "stuck before the first record": guest(enter="(call $spin_for_ever)", fields=SPIN),
    "progress that goes back": guest(
        enter="""
        (loop $again
          (i32.store (i32.load offset=60 (local.get $header)) (i32.const 1))
          (call $spin (i32.const 100000))
          (i32.store (i32.load offset=60 (local.get $header)) (i32.const 0))
          (call $spin (i32.const 100000))
          (br $again))""",
        fields=SPIN,
    ),
}


@pytest.mark.parametrize("wasm", VIOLATIONS.values(), ids=VIOLATIONS)
def test_violation_stops_the_smartstream(wasm: bytes) -> None:
    config = limited(record_seconds=0.1, start_seconds=0.1)
    with SmartStream(wasm, config=config, name="f.rs") as stream:
        with pytest.raises(ContractError, match=r"^f\.rs broke the guest contract: ") as caught:
            for _ in range(3):
                stream.evaluate(letters("ppptp"))
        assert caught.value.remedy
        with pytest.raises(SmartStreamError, match="is closed"):
            stream.evaluate(letters("p"))


def test_trap_between_records_is_the_fault_of_the_named_one() -> None:
    late = "(if (i32.eq (local.get $record) (i32.const 4)) (then (unreachable)))"
    with SmartStream(guest(progress=late + "(local.get $record)")) as stream:
        stream.evaluate(letters("p"))
        assert stream.evaluate(letters("pppppp")).verdicts.tolist() == [1, 1, 1, 3, 1, 1]


def test_module_that_traps_everywhere() -> None:
    """Every instance traps at every record."""
    wasm = compiled(
        """
        (module
          (memory (export "memory") 2)
          (func (export "smartstream_abi") (result i32) (i32.const 1))
          (func (export "smartstream_alloc") (param i32) (result i32) (unreachable))
          (func (export "smartstream_filter") (param i32) (result i32) (unreachable)))
        """
    )
    with SmartStream(wasm) as stream:
        evaluation = stream.evaluate(batch([b"a"] * 30))
        assert evaluation.verdicts.tolist() == [Verdict.TRAP] * 30
        assert evaluation.faults[0].message.startswith("smartstream_alloc trapped when asked for 64.")
