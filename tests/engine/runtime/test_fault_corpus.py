"""The fault corpus: every way for a filter to fail, run through a consumer between good records.

`faults.rs` has those of a Rust filter; violations of the contract are written in WAT, in `test_faults`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.consumer.delivery import Delivery
from engine.errors import ContractError
from engine.records.batch import record_batch
from engine.records.faults import Fault, Location
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.conftest import BuildFilter
from tests.engine.runtime.configs import limited
from tests.engine.runtime.test_faults import VIOLATIONS
from tests.engine.runtime.wat_guests import guest

SOURCE = Path(__file__).with_name("faults.rs")
IMPATIENT = limited(record_seconds=0.1, start_seconds=0.1)
UTF8 = r"Utf8Error \{ valid_up_to: 1, error_len: Some\(1\) \}"
NO_MESSAGE = "aborted without a message"

PANICS = {
    "unwrap-utf8": rf"called `Result::unwrap\(\)` on an `Err` value: {UTF8}",
    "unwrap-none": r"called `Option::unwrap\(\)` on a `None` value",
    "expect": r"a number: ParseIntError \{ kind: InvalidDigit \}",
    "index": "index out of bounds: the len is 3 but the index is 5",
    "overflow-add": "attempt to add with overflow",
    "overflow-sub": "attempt to subtract with overflow",
    "overflow-mul": "attempt to multiply with overflow",
    "shift": "attempt to shift left with overflow",
    "negate": "attempt to negate with overflow",
    "divide": "attempt to divide by zero",
    "remainder": "attempt to calculate the remainder with a divisor of zero",
    "divide-overflow": "attempt to divide with overflow",
    "explicit": "went explicit\nwrong",
    "unreachable": "internal error: entered unreachable code: never 11",
    "todo": "not yet implemented",
    "megabytes": "é{1000,}…",
    "assert": "too short: 6",
    "assert-eq": "assertion.*left == right.*",
    "borrowed": ".*already.* borrowed.*",
    "print-panic": "after it printed",
}
"""The message of each panic; its location is the line marked with its name."""
PANICS_IN_RUST = {
    "slice": ".*range start index 6 out of range for slice of length 5",
    "char-boundary": ".*1 is not a char boundary; it is inside 'é'.*",
}
"""Panics whose location is in Rust's own library, with some versions of Rust."""
CRASHES = {
    "abort": f"{NO_MESSAGE}.*",
    "exit": f"{NO_MESSAGE}.*",
    "allocate": "could not allocate 1 MiB of memory: the limit is 64 MiB",
    "allocate-at-once": "could not allocate 200 MiB of memory: the limit is 64 MiB",
    "allocate-more": r"could not allocate [\d.]+ MiB of memory: the limit is 64 MiB",
    "recurse": "recursed too deep.*",
    "recurse-in-drop": "recursed too deep.*",
}
ERRORS = {
    "err": "no such thing",
    "err-lines": "two\nlines of err-lines",
    "err-debug": r"Odd \{ length: 9 \}",
    "parse": "cannot parse integer from empty string",
    "parsex": "invalid digit found in string",
}
VERDICTS = {
    **dict.fromkeys([*PANICS, *PANICS_IN_RUST, *CRASHES], Verdict.TRAP),
    **dict.fromkeys(ERRORS, Verdict.ERROR),
    "loop": Verdict.TIMEOUT,
    "print": Verdict.PASS,
    "does-without": Verdict.PASS,
    "parse1": Verdict.PASS,
    "parse-1": Verdict.DROP,
    "drop": Verdict.DROP,
}
MESSAGES = {**PANICS, **PANICS_IN_RUST, **CRASHES, **ERRORS, "loop": "took longer than 250 ms"}
OUTPUTS = {"print": ["one 5", "two", "three"], "print-panic": ["before"]}


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as opened:
        opened.topics.create("t")
        yield opened


@pytest.fixture(scope="module")
def module() -> dict[str, bytes]:
    """The compiled corpus: one build serves all tests."""
    return {}


@pytest.fixture
def wasm(module: dict[str, bytes], build_filter: BuildFilter) -> bytes:
    if not module:
        build = build_filter(SOURCE.read_text(), "faults.rs")
        assert build.wasm is not None, build.error or build.diagnostics
        module["faults"] = build.wasm
    return module["faults"]


def consumer(broker: EmbeddedBroker, stream: SmartStream) -> Consumer:
    ends = {0: broker.log.offsets("t")[0].end}
    return Consumer(broker, "t", positions={0: 0}, ends=ends, smartstream=stream)


def deliveries(*consumers: Consumer) -> list[list[Delivery]]:
    """The deliveries of consumers that take turns, until all have reached the end."""
    found: list[list[Delivery]] = [[] for _ in consumers]
    while not all(consumer.finished for consumer in consumers):
        for number, consumer in enumerate(consumers):
            if (delivery := consumer.poll(0)) is not None:
                found[number].append(delivery)
    return found


def verdicts(found: list[Delivery]) -> list[int]:
    parts = [delivery.evaluation.verdicts[: len(delivery.batch)] for delivery in found if delivery.evaluation]
    return np.concatenate(parts).tolist()


def faults(found: list[Delivery]) -> dict[int, Fault]:
    """By offset."""
    return {
        delivery.batch.offset(fault.index): fault
        for delivery in found
        if delivery.evaluation
        for fault in delivery.evaluation.faults
    }


def outputs(found: list[Delivery]) -> dict[int, list[str]]:
    lines: dict[int, list[str]] = {}
    for delivery in found:
        for output in delivery.evaluation.printed if delivery.evaluation else ():
            lines.setdefault(delivery.batch.offset(output.index), []).append(output.text)
    return lines


def marked(name: str) -> int:
    """The line of the source that is marked with a name."""
    lines = SOURCE.read_text().splitlines()
    (number,) = [number for number, line in enumerate(lines, 1) if line.endswith(f"// at {name}")]
    return number


@pytest.mark.cargo
@pytest.mark.parametrize("name", VERDICTS)
def test_fault_affects_its_record_only(broker: EmbeddedBroker, wasm: bytes, name: str) -> None:
    value = name.encode()
    values = [b"good", b"drop", value, b"good", b"err", value, value, b"drop", b"good"]
    broker.log.append("t", record_batch(values))
    with SmartStream(wasm) as stream, SmartStream(guest()) as other:
        mine, theirs = deliveries(consumer(broker, stream), consumer(broker, other))
    named = {b"good": Verdict.PASS, b"drop": Verdict.DROP, b"err": Verdict.ERROR, value: VERDICTS[name]}
    assert verdicts(mine) == [named[value] for value in values]
    assert verdicts(theirs) == [Verdict.PASS] * len(values)
    assert not faults(theirs)
    found = faults(mine)
    assert sorted(found) == [n for n, value in enumerate(values) if named[value] > Verdict.PASS]
    for offset in (2, 5, 6):
        check(name, found.get(offset), outputs(mine).get(offset, []))


def check(name: str, fault: Fault | None, printed: list[str]) -> None:
    assert printed == OUTPUTS.get(name, [])
    if fault is None:
        assert name not in MESSAGES
        return
    assert fault.verdict is VERDICTS[name]
    assert re.fullmatch(MESSAGES[name], fault.message, re.DOTALL), fault.message
    if name in PANICS:
        assert isinstance(fault.location, Location)
        assert (Path(fault.location.path).name, fault.location.line) == ("faults.rs", marked(name))


@pytest.mark.cargo
@pytest.mark.parametrize("quick", [False, True], ids=["optimized", "baseline at first"])
def test_all_faults_in_sequence(broker: EmbeddedBroker, wasm: bytes, quick: bool) -> None:
    names = [*VERDICTS, *reversed(VERDICTS)]
    broker.log.append("t", record_batch([part for name in names for part in (b"good", name.encode())]))
    with SmartStream(wasm, quick=quick) as stream, SmartStream(guest()) as other:
        mine, theirs = deliveries(consumer(broker, stream), consumer(broker, other))
    assert verdicts(mine) == [v for name in names for v in (Verdict.PASS, VERDICTS[name])]
    assert verdicts(theirs) == [Verdict.PASS] * 2 * len(names)
    for number, name in enumerate(names):
        check(name, faults(mine).get(2 * number + 1), outputs(mine).get(2 * number + 1, []))


@pytest.mark.cargo
def test_state_is_kept_until_an_instance_is_replaced(broker: EmbeddedBroker, wasm: bytes) -> None:
    broker.log.append("t", record_batch([b"count", b"good", b"count", b"recurse", b"count", b"count"]))
    with SmartStream(wasm) as stream:
        (mine,) = deliveries(consumer(broker, stream))
        assert stream.restarts == 1
    assert {offset: fault.message for offset, fault in faults(mine).items() if offset != 3} == {
        0: "1",
        2: "2",
        4: "1",
        5: "2",
    }


@pytest.mark.parametrize("wasm", VIOLATIONS.values(), ids=VIOLATIONS)
def test_violation_stops_its_consumer_only(broker: EmbeddedBroker, wasm: bytes) -> None:
    broker.log.append("t", record_batch([b"p", b"p", b"p", b"t", b"p"]))
    with (
        SmartStream(wasm, config=IMPATIENT, name="f") as stream,
        SmartStream(guest()) as other,
    ):
        broken, sound = consumer(broker, stream), consumer(broker, other)
        with pytest.raises(ContractError, match="f broke the guest contract"):
            for _ in range(3):
                delivery = broken.poll(0)
                assert delivery is None or not len(delivery.batch), "no verdict of an invalid batch counts"
        (theirs,) = deliveries(sound)
    assert verdicts(theirs) == [Verdict.PASS] * 5
