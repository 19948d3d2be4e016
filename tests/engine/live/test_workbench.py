"""What a workbench does beside evaluating: records by hand, and the order of its filters."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from engine.broker.read_range import Origin, Start
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.step import ModuleFile, Step
from engine.errors import BrokerError, RecordTooLargeError, UnknownTopicError
from engine.library.modules import add_module
from engine.live.broker_workbenches import BrokerWorkbenches
from engine.live.topic_workbench import TopicWorkbench
from engine.live.window.limits import WindowLimits
from engine.live.workbench import TopicSize
from engine.records.batch import ANY_PARTITION, Record, record_batch
from tests.engine.runtime.wat_guests import by_hand
from tests.reading import read
from tests.waiting import wait_until


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(tmp_path / "data", durable=False, max_record_bytes=100) as broker:
        yield broker


def test_append_chooses_the_partition_by_key(broker: EmbeddedBroker) -> None:
    broker.topics.create("t", 3)
    workbench = TopicWorkbench(broker, "t")
    keyed = [workbench.append(new(b"%d" % number, b"k")) for number in range(3)]
    assert len({appended.partition for appended in keyed}) == 1
    assert [appended.first for appended in keyed] == [0, 1, 2]
    record = read(broker, "t", keyed[0].partition, 2).record(0)
    assert (record.key, record.value) == (b"k", b"2")
    keyless = {workbench.append(new(b"")).partition for _ in range(3)}
    assert keyless == {0, 1, 2}
    with pytest.raises(RecordTooLargeError):
        workbench.append(new(b"x" * 101))


def test_append_keeps_all_of_a_record_and_its_partition(broker: EmbeddedBroker) -> None:
    broker.topics.create("t", 3)
    workbench = TopicWorkbench(broker, "t")
    wanted = replace(new(None, b"k"), partition=2, headers=(("source", b"me"), ("alone", None)))
    assert workbench.append(wanted).partition == 2
    assert read(broker, "t", 2, 0).record(0) == wanted
    with pytest.raises(BrokerError, match="no partition 3"):
        workbench.append(replace(wanted, partition=3))


def new(value: bytes | None, key: bytes | None = None) -> Record:
    return Record(ANY_PARTITION, 0, 5, key, value)


def test_consumers_of_files_with_one_name_have_folders(broker: EmbeddedBroker, tmp_path: Path) -> None:
    broker.topics.create("t")
    with closing(TopicWorkbench(broker, "t")) as workbench:
        for folder in ("a", "b"):
            path = tmp_path / folder / "digits.wasm"
            path.parent.mkdir()
            path.write_bytes(by_hand("digit.wat"))
            workbench.add([Step(source=ModuleFile(path=path))])
        shown = [(one.folder, one.name) for one in workbench.snapshot().consumers]
        assert shown == [("a", "digits"), ("b", "digits")]


def test_topics_have_their_sizes_and_open(broker: EmbeddedBroker) -> None:
    broker.topics.create("b", 2)
    broker.topics.create("a")
    for partition in range(2):
        broker.log.append("b", record_batch([b"x"] * 3), partition)
    workbenches = BrokerWorkbenches(broker)
    assert workbenches.topics() == (TopicSize("a", 0), TopicSize("b", 6))
    workbench = workbenches.open("b")
    assert workbench.snapshot().topic == "b"
    workbench.close()
    with pytest.raises(UnknownTopicError):
        workbenches.open("c")


@pytest.mark.usefixtures("compiled_once")
def test_a_replay_waits_for_filters_to_evaluate_every_record(broker: EmbeddedBroker) -> None:
    add_module(broker.modules, "digits", by_hand("digit.wat"), "f")
    broker.topics.create("t")
    for _ in range(20):
        broker.log.append("t", record_batch([b"some words and a 7"] * 20_000))
    workbench = TopicWorkbench(broker, "t", window=WindowLimits(rows=40_000))

    def evaluated(records: int) -> bool:
        snapshot = workbench.snapshot()
        counted = [consumer.counters.evaluated for consumer in snapshot.consumers]
        return snapshot.replay is None and counted == [records, records]

    try:
        workbench.start(lambda: None)
        workbench.add_stored("digits")
        workbench.add_stored("digits")
        wait_until(lambda: evaluated(40_000))
        workbench.replay(Start(Origin.BEGINNING))
        wait_until(lambda: evaluated(440_000))
        assert [consumer.counters.skipped for consumer in workbench.snapshot().consumers] == [0, 0]
    finally:
        workbench.close()


@pytest.mark.usefixtures("compiled_once")
def test_a_replay_does_not_wait_for_a_stopped_consumer(broker: EmbeddedBroker) -> None:
    add_module(broker.modules, "digits", by_hand("digit.wat"), "f")
    broker.topics.create("t")
    for _ in range(40):
        broker.log.append("t", record_batch([b"some words and a 7"] * 20_000))
    workbench = TopicWorkbench(broker, "t", window=WindowLimits(rows=40_000))
    try:
        held = workbench.add_stored("digits")
        held.set_rate_limit(0)
        assert workbench.consumer(99) is None
        workbench.start(lambda: None)
        wait_until(lambda: workbench.snapshot().consumers[0].version == 1)
        wait_until(lambda: workbench.snapshot().window.end_row == 40_000)
        workbench.replay(Start(Origin.BEGINNING))
        wait_until(
            lambda: workbench.snapshot().window.end_row >= 840_000 and workbench.snapshot().replay is None
        )
        assert workbench.snapshot().consumers[0].counters.evaluated == 0
        held.set_rate_limit(None)
        held.seek(0)
        wait_until(lambda: workbench.snapshot().consumers[0].counters.evaluated == 40_000)
    finally:
        workbench.close()


@pytest.mark.parametrize(("chosen", "name"), [("", "csv:name,level"), ("text", "text")])
def test_the_format_of_values_is_named_or_detected(broker: EmbeddedBroker, chosen: str, name: str) -> None:
    broker.topics.create("t")
    broker.log.append("t", record_batch([b"name,level", b"Ann,4", b"Bob,5"]))
    workbenches = BrokerWorkbenches(broker, window=WindowLimits(rows=2), format_of=lambda _: chosen)
    with closing(workbenches.open("t")) as workbench:
        workbench.start(lambda: None)
        wait_until(lambda: len(workbench.snapshot().window) == 2)
        assert workbench.snapshot().format.name == name
