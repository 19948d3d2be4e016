"""Trials of SmartStreams of every kind."""

import pytest

from engine.records.batch import Record
from engine.records.verdicts import Verdict
from engine.regression.trial import Case, try_case
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import guest, when
from tests.engine.runtime.wat_makers import TEXT, aggregate, maker

MODULES = {
    "map": maker("map"),
    "filter_map": maker("filter_map"),
    "array_map": maker("array_map"),
    "aggregate": aggregate("append"),
}


@pytest.mark.parametrize("kind", MODULES)
def test_each_kind_has_verdicts(kind: str) -> None:
    with SmartStream(MODULES[kind]) as stream:
        passing = try_case(stream, Case(Record(0, 7, 0, b"k", b"x"), Verdict.PASS))
        failing = try_case(stream, Case(Record(0, 8, 0, None, b"e"), Verdict.ERROR))
    assert passing.as_expected
    assert failing.as_expected
    assert failing.fault is not None
    assert failing.fault.message == TEXT


def test_a_chain_has_the_verdict_of_its_end() -> None:
    last = guest(when("d", "(i32.const 0)"), abi="(i32.const 2)")
    chain = Chain([SmartStream(maker("map")), SmartStream(last)])
    verdicts = [try_case(chain, Case(Record(0, 0, 0, None, value))).verdict for value in (b"x", b"d", b"e")]
    chain.close()
    assert verdicts == [Verdict.PASS, Verdict.DROP, Verdict.ERROR]


def test_outputs_are_compared() -> None:
    record = Record(0, 7, 0, b"k", b"x")
    with SmartStream(MODULES["array_map"]) as stream:
        made = try_case(stream, Case(record)).outputs
        assert made is not None
        assert try_case(stream, Case(record, Verdict.PASS, made)).as_expected
        assert try_case(stream, Case(record, Verdict.PASS)).as_expected
        assert not try_case(stream, Case(record, Verdict.PASS, (*made, (None, b"more")))).as_expected
    with SmartStream(guest("(i32.const 1)", abi="(i32.const 2)")) as stream:
        trial = try_case(stream, Case(record, Verdict.PASS, ((b"k", b"x"),)))
    assert trial.outputs is None
    assert trial.as_expected, "a filter puts out its input"
