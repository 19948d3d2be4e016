"""Pipelines on every broker: what they write, and that they go on exactly where they stopped."""

import pytest

from engine.broker.broker import Broker
from engine.consumer.delivery import Delivery
from engine.errors import BrokerError, DeletedTopicError, TooManyFaultsError
from engine.pipeline.accumulators import SavedAccumulatorError
from engine.pipeline.pipeline import Pipeline
from engine.records.batch import record_batch
from engine.runtime.smartstream import SmartStream
from tests.engine.pipeline.running import HASH, either, opened, run, spec
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import by_hand, guest, when
from tests.engine.runtime.wat_makers import TEXT, folded, maker
from tests.reading import read, values

DIGITS = by_hand("digit.wat")


def test_what_a_broker_cannot_do_is_refused(topics: Broker) -> None:
    if topics.features.transactions:
        pytest.skip("it can do all of it")
    wanted = [(spec("sum"), [HASH]), (spec(exactly_once=True), []), (spec(dead_letter="dead"), [])]
    for described, modules in wanted:
        with pytest.raises(BrokerError, match=r"has no transactions|keeps no"):
            run(topics, described, *modules)


@either
def test_outputs_are_written_and_the_position_is_saved(topics: Broker, exactly_once: bool) -> None:
    if exactly_once and not topics.features.transactions:
        pytest.skip("it has no transactions")
    digits = spec("digits", exactly_once=exactly_once)
    header = {"h": b"v"} if topics.features.headers else {}
    topics.log.append("in", record_batch([b"a1", b"b", b"c2"], keys=[b"k", None, None], timestamps=[5, 6, 7]))
    topics.log.append("in", record_batch([b"3"], headers=[header]), 1)
    progress = run(topics, digits, DIGITS)
    assert sorted(filter(None, values(topics, "out"))) == [b"3", b"a1", b"c2"]
    assert (progress.read, progress.written, progress.dropped, progress.failed, progress.lag) == (
        4,
        3,
        1,
        0,
        0,
    )
    found = [read(topics, "out", 0, 0).record(index) for index in range(3)]
    assert {(one.key, one.value, one.headers) for one in found} == {
        (b"k", b"a1", ()),
        (None, b"c2", ()),
        (None, b"3", tuple(header.items())),
    }
    topics.log.append("in", record_batch([b"4", b"x"]), 1)
    assert run(topics, digits, DIGITS).read == 2
    assert run(topics, digits, DIGITS).read == 0
    assert values(topics, "out")[3:] == [b"4"]
    assert [(one.partition, one.offset) for one in topics.consumers.saved_positions()] == [(0, 3), (1, 3)]


def test_records_are_copied_without_steps_and_by_key(topics: Broker) -> None:
    topics.topics.create("wide", 3)
    keys = [b"k%d" % (n % 5) for n in range(50)]
    topics.log.append("in", record_batch([b"%d" % n for n in range(50)], keys=keys))
    run(topics, spec(target="wide"))
    places = {
        key: {p for p in range(3) if key in read(topics, "wide", p, 0).records.column("key").to_pylist()}
        for key in keys
    }
    assert all(len(found) == 1 for found in places.values())
    assert sum(len(values(topics, "wide", p)) for p in range(3)) == 50


def test_skip_existing_counts_from_the_first_start(topics: Broker) -> None:
    later = spec(skip_existing=True)
    topics.log.append("in", record_batch([b"old"]))
    assert run(topics, later).read == 0
    topics.log.append("in", record_batch([b"new"]))
    assert run(topics, later).read == 1
    assert values(topics, "out") == [b"new"]


@either
@pytest.mark.usefixtures("transactional")
def test_failed_records_go_to_the_dead_letters_with_the_reason(topics: Broker, exactly_once: bool) -> None:
    topics.log.append(
        "in",
        record_batch(
            [b"m1", b"e", None, b"x"], keys=[b"a", b"k", b"z", None], headers=[None, {"h": b"1"}, None, None]
        ),
    )
    chain = spec("digits", "several", dead_letter="dead", exactly_once=exactly_once)
    progress = run(topics, chain, guest("(i32.const 1)"), maker("array_map"))
    assert values(topics, "out")[0] == b"m1"
    assert (progress.errors, progress.dead_letters, progress.written) == (1, 1, 3)
    letter = read(topics, "dead", 0, 0).record(0)
    assert (letter.key, letter.value) == (b"k", b"e")
    assert dict(letter.headers) == {
        "h": b"1",
        "dead-letter-topic": b"in",
        "dead-letter-partition": b"0",
        "dead-letter-offset": b"1",
        "dead-letter-status": b"error",
        "dead-letter-step": b"several",
        "dead-letter-message": TEXT.encode(),
    }


@either
@pytest.mark.usefixtures("transactional")
def test_aggregates_go_on_after_a_restart(topics: Broker, exactly_once: bool) -> None:
    total = spec("total", "again", exactly_once=exactly_once)
    expected: dict[int, list[bytes | None]] = {}
    for partition in range(2):
        given = [b"%d" % (n * 7 + partition) for n in range(90)]
        first = folded("hash", given)
        expected[partition] = folded("hash", [one or b"" for one in first])
        for start in (0, 30, 60):
            topics.log.append("in", record_batch(given[start : start + 30]), partition)
            if start < 60 or partition == 1:
                run(topics, total, HASH, HASH)
    assert sorted(map(bytes, filter(None, values(topics, "out")))) == sorted(
        one for found in expected.values() for one in found if one is not None
    )


@pytest.mark.usefixtures("transactional")
def test_accumulators_of_another_chain_are_refused(topics: Broker) -> None:
    topics.log.append("in", record_batch([b"1"]))
    run(topics, spec("total"), HASH)
    with pytest.raises(SavedAccumulatorError, match="step 'total'"):
        run(topics, spec("sum"), HASH)
    topics.log.append("in", record_batch([b"2"]))
    run(topics, spec("digits", "total"), guest("(i32.const 1)"), HASH)
    assert values(topics, "out") == folded("hash", [b"1", b"2"])


@pytest.mark.usefixtures("transactional")
def test_what_was_evaluated_before_an_error_is_written(topics: Broker) -> None:
    topics.log.append("in", record_batch([b"a", b"b", b"xxx"]))
    topics.log.append("in", record_batch([b"x", b"x", b"x", b"never"]))
    module = guest(when("x", "(unreachable)"))
    source = topics.topics.get("in")
    stream = SmartStream(module, config=limited(faults_in_a_row=3))
    with topics.consumers.claim("p", "in") as claim:
        pipeline = Pipeline(topics, spec("sf1", dead_letter="dead"), source, claim, stream)
        with pytest.raises(TooManyFaultsError):
            pipeline.run(lambda: False)
        pipeline.close()
        assert claim.positions()[0] == 5
    stream.close()
    assert values(topics, "out") == [b"a", b"b"]
    assert values(topics, "dead") == [b"xxx", b"x", b"x"]


def test_a_deleted_source_ends_it(topics: Broker) -> None:
    with opened(topics, spec()) as (pipeline, _):
        topics.topics.delete("in")
        with pytest.raises(DeletedTopicError, match="'in'"):
            pipeline.run(lambda: False)


def test_a_stop_is_between_two_writes(topics: Broker) -> None:
    topics.log.append("in", record_batch([b"1", b"2"]))

    def stopping() -> bool:
        # A cluster may deliver the records in two parts.
        return len(values(topics, "out")) == 2

    with opened(topics, spec()) as (pipeline, claim):
        pipeline.run(stopping)
        assert claim.positions() == {0: 2, 1: 0}
    assert values(topics, "out") == [b"1", b"2"]


def test_deliveries_are_reported_as_they_come(topics: Broker) -> None:
    seen: list[Delivery] = []
    topics.log.append("in", record_batch([b"1", b"x"]))
    run(topics, spec("digits"), DIGITS, on_delivery=seen.append)
    assert [len(delivery.batch) for delivery in seen] == [2]
