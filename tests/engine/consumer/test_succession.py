"""Versions of a SmartStream take over from each other, and no record is lost between them."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.consumer import Consumer
from engine.consumer.succession import Succession
from engine.errors import ContractError, SmartStreamError, TooManyFaultsError
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import guest, letters
from tests.engine.runtime.wat_makers import aggregate, maker
from tests.waiting import PATIENCE

PASSES, DROPS, BREAKS = "(i32.const 1)", "(i32.const 0)", "(i32.const 7)"


@pytest.fixture
def breaches() -> list[SmartStreamError]:
    return []


@pytest.fixture
def versions(breaches: list[SmartStreamError]) -> Iterator[Succession]:
    succession = Succession(breaches.append)
    yield succession
    succession.close()


def version(verdict: str) -> SmartStream:
    return SmartStream(guest(verdict))


def test_newest_version_evaluates_and_has_its_number(versions: Succession) -> None:
    versions.hand_over(1, version(PASSES))
    first = versions.evaluate(letters("ab"))
    versions.hand_over(2, version(PASSES))
    versions.hand_over(5, version(DROPS))
    second = versions.evaluate(letters("ab"))
    assert (first.version, first.verdicts.tolist()) == (1, [Verdict.PASS] * 2)
    assert (second.version, second.verdicts.tolist()) == (5, [Verdict.DROP] * 2)


def test_first_version_is_waited_for(versions: Succession) -> None:
    evaluation = versions.evaluate(letters("ab"), budget=0.01)
    assert (evaluation.evaluated, evaluation.verdicts.tolist()) == (0, [Verdict.PENDING] * 2)
    assert not versions.wait(0)
    late = threading.Timer(0.05, lambda: versions.hand_over(1, version(PASSES)))
    late.start()
    assert versions.wait(PATIENCE)
    late.join()
    assert versions.evaluate(letters("ab")).evaluated == 2


def test_records_left_by_breach_are_evaluated_by_next_version(
    versions: Succession,
    breaches: list[SmartStreamError],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with EmbeddedBroker.open(tmp_path, durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch([b"a", b"b"]))
        consumer = Consumer(broker, "t", positions={0: 0}, ends={0: 2}, smartstream=versions)
        versions.hand_over(1, version(BREAKS))
        found = [consumer.poll(0)]
        with monkeypatch.context() as patch:
            # As long as this is waited for the next version.
            patch.setattr("engine.consumer.consumer.EVALUATION_BUDGET", 0.01)
            found.append(consumer.poll(0))
        assert [len(delivery.batch) for delivery in found if delivery is not None] == [0, 0]
        assert len(breaches) == 1
        assert not consumer.finished
        versions.hand_over(2, version(PASSES))
        delivery = consumer.poll(0)
        assert delivery is not None
        assert delivery.offsets.tolist() == [0, 1]
        assert consumer.finished


def test_breach_is_raised_without_on_stopped() -> None:
    versions = Succession()
    versions.hand_over(1, version(BREAKS))
    with pytest.raises(ContractError):
        versions.evaluate(letters("a"))
    versions.close()


def test_closed_succession_refuses_to_evaluate(versions: Succession) -> None:
    versions.close()
    left = version(PASSES)
    versions.hand_over(1, left)
    assert not versions.wait(0)
    for evaluate in (versions, left):
        with pytest.raises(SmartStreamError, match="is closed"):
            evaluate.evaluate(letters("a"))


FEW = limited(faults_in_a_row=3)


def test_too_many_faults_wait_for_next_version(
    versions: Succession, breaches: list[SmartStreamError]
) -> None:
    versions.hand_over(1, SmartStream(guest("(unreachable)"), config=FEW))
    assert versions.evaluate(letters("xxxxx")).evaluated == 3
    assert versions.evaluate(letters("xx")).evaluated == 0
    assert [type(error) for error in breaches] == [TooManyFaultsError]
    assert versions.version == 0
    versions.hand_over(2, version(PASSES))
    assert versions.evaluate(letters("xx")).evaluated == 2


def test_too_many_faults_are_raised_without_on_stopped() -> None:
    versions = Succession()
    versions.hand_over(1, SmartStream(guest("(unreachable)"), config=FEW))
    versions.evaluate(letters("xxx"))
    with pytest.raises(TooManyFaultsError):
        versions.evaluate(letters("x"))
    versions.close()


def test_a_step_of_a_chain_without_a_version_keeps_records_pending() -> None:
    """The steps before it go back to where they were."""
    folding, second = SmartStream(aggregate("append")), Succession()
    batch = Batch.consecutive(0, 0, record_batch([b"a", b"b"]))
    chain = Chain([folding, second])
    try:
        assert chain.evaluate(batch, budget=0).evaluated == 0
        assert folding.accumulators == {}
        second.hand_over(1, SmartStream(maker("map")))
        evaluation = chain.evaluate(batch)
        made = evaluation.outputs.records(batch.records)
        assert made.column("value").to_pylist() == [b"a", b"ab"]
    finally:
        chain.close()


def test_aggregates_go_on_from_the_version_before_if_asked() -> None:
    total = aggregate("append")
    given = [letters("ab"), letters("cd"), letters("ef"), letters("g")]
    for keeps, ends in ((True, [b"oab", b"oabcd", None, b"oabcdg"]), (False, [b"ab", b"cd", None, b"g"])):
        versions = Succession(keeps_accumulators=keeps)
        if keeps:
            versions.accumulators[0] = b"o"
        for number, (module, batch, end) in enumerate(
            zip([total, total, PASSES, total], given, ends, strict=True), 1
        ):
            wasm = guest(module) if isinstance(module, str) else module
            versions.hand_over(number, SmartStream(wasm))
            versions.evaluate(batch)
            assert versions.accumulators.get(0) == end
        versions.close()
