"""Chains: outputs of steps as inputs of the next, where inputs ended, and folds that stay right."""

import random
import threading
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from engine.errors import ContractError, SmartStreamError, TooManyFaultsError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault
from engine.records.verdicts import Status, Verdict
from engine.runtime.chain import OUTPUT_BYTES, Chain
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import SPIN, STACK, batch, guest, sparse, when
from tests.engine.runtime.wat_makers import TEXT, aggregate, folded, maker, outputs_of, switch
from tests.waiting import wait_until

FILTER = guest(
    when("f", "(i32.const 0)", when("E", "(i32.const 2)", when("X", "(unreachable)"))),
    abi="(i32.const 2)",
    fields=STACK,
)
"""Drops values that begin with `f`, fails on `E`, traps on `X`."""
STRIP = switch(
    {"e": "(i32.const 2)"},
    "(call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -2)"
    " (i32.add (local.get $value) (i32.const 1)) (i32.sub (local.get $length) (i32.const 1)))",
)
"""A map that fails on `e`, and removes the first byte otherwise."""


@dataclass(frozen=True)
class Expected:
    """What becomes of one input."""

    outputs: list[bytes]
    status: Status
    step: int


def stripped(value: bytes) -> bytes | None:
    return None if value[:1] == b"e" else value[1:]


def chained(value: bytes) -> Expected:
    """Through `array_map`, `STRIP` and `FILTER`."""
    record = batch([value]).record(0)
    if value[:1] in b"et" and value:
        return Expected([], Status.ERROR if value[:1] == b"e" else Status.TRAP, 0)
    made, step, status, failed = [], 0, Status.OK, -1
    for _, _, output in outputs_of(0, record):
        after = stripped(output or b"")
        if after is None:
            status, failed = (Status.ERROR, 1) if status == Status.OK else (status, failed)
            continue
        if after[:1] in (b"E", b"X"):
            status, failed = (
                (Status.ERROR if after[:1] == b"E" else Status.TRAP, 2)
                if status == Status.OK
                else (status, failed)
            )
            continue
        step = max(step, 2 if after[:1] == b"f" else 3)
        made += [after] * (after[:1] != b"f")
    return Expected(made, status, failed if status != Status.OK else step)


def chain_of_three() -> Chain:
    return Chain(
        [SmartStream(maker("array_map", fields=STACK)), SmartStream(maker("map", STRIP)), SmartStream(FILTER)]
    )


def values(count: int) -> list[bytes]:
    chance = random.Random(count)
    letters = ("x", "f", "E", "X", "m0", "m2", "m3", "d", "e", "t", "xe", "k")
    weights = (9, 3, 1, 1, 2, 3, 3, 2, 1, 1, 1, 3)
    made = []
    for _ in range(count):
        letter = chance.choices(letters, weights)[0]
        made.append((f"a{letter}" if letter in "fEX" else letter + chance.choice("abf")).encode() + b"zz")
    return made


def evaluated(chain: Chain, whole: Batch, budget: float | None = None) -> Evaluation:
    found, rest = Evaluation.pending(0), whole
    while len(rest):
        part = chain.evaluate(rest, budget=budget)
        found = found.concat(part.head(part.evaluated))
        rest = rest.slice(part.evaluated, len(rest))
    return found


def texts(evaluation: Evaluation, whole: Batch) -> list[bytes]:
    return evaluation.outputs.records(whole.records).column("value").to_pylist()


@pytest.mark.parametrize("budget", [None, 0], ids=["whole", "in parts"])
def test_three_steps(budget: float | None) -> None:
    inputs = values(700)
    whole = sparse(inputs, [1 + index % 3 for index in range(len(inputs))], [b"key"] * len(inputs))
    with_expected = [chained(value) for value in inputs]
    chain = chain_of_three()
    found = evaluated(chain, whole, budget)
    chain.close()
    assert texts(found, whole) == [output for one in with_expected for output in one.outputs]
    assert found.status.tolist() == [one.status for one in with_expected]
    assert found.step is not None
    assert found.step.tolist() == [one.step for one in with_expected]
    assert found.outputs.source.tolist() == [
        index for index, one in enumerate(with_expected) for _ in one.outputs
    ]
    assert [(fault.index, fault.step) for fault in found.faults if fault.verdict == Verdict.TRAP] == [
        (index, one.step) for index, one in enumerate(with_expected) if one.status == Status.TRAP
    ]
    made = found.outputs.batch(whole)
    assert made.offset_array().tolist() == [whole.offset(index) for index in found.outputs.source.tolist()]
    assert made.records.column("timestamp").to_pylist() == found.outputs.source.tolist()


def test_an_error_ends_its_record_only() -> None:
    inputs = batch([b"ax", b"ee", b"ae", b"aE", b"af", b"ax"])
    chain = Chain([SmartStream(maker("map")), SmartStream(maker("map", STRIP)), SmartStream(FILTER)])
    found = chain.evaluate(inputs)
    chain.close()
    assert texts(found, inputs) == [b"x", b"e", b"x"]
    assert found.verdicts.tolist() == [1, Verdict.ERROR, 1, Verdict.ERROR, 0, 1]
    assert found.step is not None
    assert found.step.tolist() == [3, 0, 3, 2, 2, 3]
    assert found.faults == (
        Fault(1, Verdict.ERROR, TEXT),
        Fault(3, Verdict.ERROR, "returned an error without a text", step=2),
    )


def test_no_steps_change_nothing() -> None:
    inputs = batch([b"a", b"b"])
    found = Chain([]).evaluate(inputs)
    assert found.outputs.records(inputs.records) is inputs.records


def test_steps_that_get_nothing() -> None:
    chain = Chain([SmartStream(FILTER), SmartStream(maker("map")), SmartStream(FILTER)])
    found = chain.evaluate(batch([b"f"] * 40))
    assert (found.verdicts.tolist(), texts(found, batch([b"f"] * 40))) == ([0] * 40, [])
    found = evaluated(chain, batch([b"f"] * 40 + [b"x"]))
    assert found.outputs.source.tolist() == [40]
    chain.close()


def folds(values: Sequence[bytes]) -> list[bytes]:
    """The outputs of `FILTER`, an aggregate that appends, and one that appends those."""
    passed = [value for value in values if value[:1] not in (b"f", b"E", b"X")]
    first = [one for one in folded("append", passed) if one is not None]
    return [one for one in folded("append", first) if one is not None]


def folding_chain() -> Chain:
    return Chain([SmartStream(FILTER), SmartStream(aggregate("append")), SmartStream(aggregate("append"))])


@pytest.mark.parametrize("budget", [None, 0], ids=["whole", "in parts"])
def test_aggregates_in_a_chain(budget: float | None) -> None:
    inputs = [(b"x", b"f", b"e", b"y", b"X", b"t")[index % 6] for index in range(120)]
    chain = folding_chain()
    assert texts(evaluated(chain, batch(inputs), budget), batch(inputs)) == folds(inputs)
    chain.close()


def test_an_interruption_folds_nothing_twice() -> None:
    """The last step does not end with what the aggregate puts out, until it is interrupted."""
    before, after = [b"x", b"f", b"y"] * 40, [b"z", b"e"] * 20
    last = guest(when("L", "(call $spin_for_ever) (i32.const 1)"), abi="(i32.const 2)", fields=SPIN)
    first = SmartStream(maker("map"))
    folding = SmartStream(aggregate("append"))
    blocked = SmartStream(last, config=limited(record_seconds=60))
    chain = Chain([first, folding, blocked])
    whole = batch([*before, *after])
    found = chain.evaluate(whole.slice(0, len(before)))
    assert found.evaluated == len(before)
    folding.accumulators[0] = b"L" + folding.accumulators[0]
    ended: list[Evaluation] = []
    calls = blocked.calls
    thread = threading.Thread(
        target=lambda: ended.append(chain.evaluate(whole.slice(len(before), len(whole))))
    )
    thread.start()
    wait_until(lambda: blocked.calls > calls)
    chain.interrupt()
    thread.join()
    assert ended[0].evaluated == 0
    expected = b"L" + b"".join(before)
    assert folding.accumulators == {0: expected}
    folding.accumulators[0] = expected[1:]
    rest = chain.evaluate(whole.slice(len(before), len(whole)))
    assert rest.evaluated == len(after)
    assert folding.accumulators == {0: b"".join([*before, *[one for one in after if one != b"e"]])}
    chain.close()


def test_partly_interrupted_fan_out_goes_back_to_the_last_complete_input() -> None:
    """A step stops after too many faults, in the middle of the outputs of one input."""
    stops = limited(faults_in_a_row=3)
    folding = SmartStream(aggregate("append"))
    chain = Chain(
        [
            SmartStream(maker("array_map")),
            folding,
            SmartStream(guest(when("b", "(unreachable)"), abi="(i32.const 2)", fields=STACK), config=stops),
        ]
    )
    inputs = batch([b"m1a", b"m2a", b"m3a"])
    assert evaluated(chain, inputs).evaluated == 3
    assert folding.accumulators == {0: b"m1a" + b"m2a" * 2 + b"m3a" * 3}
    folding.accumulators[0] = b"b"
    with pytest.raises(TooManyFaultsError):
        evaluated(chain, batch([b"m2b", b"m2b", b"m2b"]))
    assert folding.accumulators == {0: b"bm2bm2b"}, "one input is complete, and failed"
    chain.close()


def test_a_step_that_breaks_its_contract_moves_nothing() -> None:
    folding = SmartStream(aggregate("append"))
    lying = guest(when("b", "(i32.const 7)"), abi="(i32.const 2)")
    chain = Chain([SmartStream(maker("map")), folding, SmartStream(lying)])
    chain.evaluate(batch([b"x", b"y"]))
    folding.accumulators[0] = b"b"
    with pytest.raises(ContractError):
        chain.evaluate(batch([b"z"]))
    assert folding.accumulators == {0: b"b"}
    with pytest.raises(SmartStreamError, match="closed"):
        chain.evaluate(batch([b"z"]))
    chain.close()


def test_amplification_is_bounded() -> None:
    """Each step makes nine outputs of each record: 9 × 9 × 9 × 300 KB of one input."""
    grown = "m9" + "." * 300_000
    chain = Chain([SmartStream(maker("array_map")) for _ in range(3)])
    whole = batch([b"m1a", grown.encode(), b"m1b"])
    found = evaluated(chain, whole)
    chain.close()
    assert found.status.tolist() == [Status.OK, Status.ERROR, Status.OK]
    (fault,) = found.faults
    assert fault.step == 2
    assert fault.message == "its outputs need more than 64 MiB in a chain"
    assert texts(found, whole) == [b"m1a", b"m1b"]
    assert OUTPUT_BYTES == 64 << 20
