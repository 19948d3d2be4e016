"""A pane whose SmartStreams run on the SPUs of a Fluvio cluster."""

import threading
from collections.abc import Iterator

import pytest

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.consumer.step import Step, StoredName
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import ConsumerState
from engine.live.topic_workbench import TopicWorkbench
from engine.live.views import View, view_rows
from engine.records.batch import record_batch
from engine.runtime.config import LookBack
from tests.fluvio_cluster import FluvioCluster
from tests.fluvio_modules import REFUSED_BY_SPUS, drops_all, passes_all
from tests.waiting import wait_until

EVERY = (Step(source=StoredName(name="sf1")),)


@pytest.fixture
def broker(fluvio: FluvioCluster) -> Iterator[FluvioBroker]:
    """A cluster with a topic `numbers` of two partitions, and a SmartModule that passes everything."""
    with FluvioBroker.connect(parse_address(fluvio.address)) as opened:
        for topic in opened.topics.list():
            opened.topics.delete(topic.name)
        for name in opened.modules.names():
            opened.modules.remove(name)
        opened.topics.create("numbers", 2)
        append(opened, 0, 100)
        opened.modules.add("sf1", passes_all())
        yield opened


@pytest.fixture
def workbench(broker: FluvioBroker) -> Iterator[TopicWorkbench]:
    opened = TopicWorkbench(broker, "numbers")
    opened.start(lambda: None)
    yield opened
    opened.close()


def append(broker: FluvioBroker, start: int, stop: int) -> None:
    """Numbers, by turns to both partitions."""
    for partition in (0, 1):
        values = [b"%d" % number for number in range(start + partition, stop, 2)]
        broker.log.append("numbers", record_batch(values), partition)


def pane(workbench: TopicWorkbench) -> ConsumerSnapshot:
    return workbench.snapshot().consumers[0]


def shown(workbench: TopicWorkbench, view: View = View.PASSED) -> list[int]:
    """The numbers in the rows of the pane, ascending."""
    snapshot = workbench.snapshot()
    rows = view_rows(view, snapshot.window, snapshot.consumers[0])
    found = (rows.locate(index) for index in range(len(rows)))
    return sorted(int(batch.value(index) or b"") for batch, index in found)


def test_outputs_stand_where_their_inputs_are(broker: FluvioBroker, workbench: TopicWorkbench) -> None:
    consumer = workbench.add(EVERY, remote=True).id
    wait_until(lambda: shown(workbench) == [*range(100)])
    assert pane(workbench).remote
    assert pane(workbench).counters.passed == 100
    append(broker, 100, 200)
    wait_until(lambda: shown(workbench) == [*range(200)])
    workbench.run_on(consumer, remote=False)
    wait_until(lambda: shown(workbench) == [*range(200)])
    assert not pane(workbench).remote
    workbench.run_on(consumer, remote=True)
    wait_until(lambda: pane(workbench).remote and shown(workbench) == [*range(200)])


def test_no_record_is_missed_or_repeated_over_new_versions(
    broker: FluvioBroker, workbench: TopicWorkbench
) -> None:
    workbench.add(EVERY, remote=True)
    wait_until(lambda: shown(workbench) == [*range(100)])
    done = threading.Event()
    appended = [100]

    def produce() -> None:
        # As fast as it can, it would leave a busy machine no time to evaluate.
        while not done.wait(0.01):
            append(broker, appended[0], appended[0] + 20)
            appended[0] += 20

    producing = threading.Thread(target=produce)
    producing.start()
    try:
        for number in range(2, 5):
            broker.modules.add("sf1", passes_all("(func)" * number))
            wait_until(lambda: pane(workbench).version == number)  # noqa: B023 - called in this round
            wait_until(lambda: len(shown(workbench)) > 100 * number)  # noqa: B023
    finally:
        done.set()
        producing.join()
    wait_until(lambda: len(pane(workbench).verdicts) == appended[0])
    assert shown(workbench) == [*range(appended[0])]
    assert pane(workbench).counters.passed == appended[0]


def test_a_version_goes_on_where_the_one_before_had_got_to(
    broker: FluvioBroker, workbench: TopicWorkbench
) -> None:
    workbench.add(EVERY, remote=True)
    wait_until(lambda: shown(workbench) == [*range(100)])
    broker.modules.add("sf1", drops_all(REFUSED_BY_SPUS))
    wait_until(lambda: pane(workbench).state is ConsumerState.STALE)
    build = pane(workbench).build
    assert build is not None
    assert build.error is not None
    assert "the SPU does not run it" in build.error.message
    append(broker, 100, 110)
    wait_until(lambda: shown(workbench) == [*range(110)])
    broker.modules.add("sf1", drops_all())
    wait_until(lambda: pane(workbench).state is ConsumerState.LIVE)
    append(broker, 110, 120)
    wait_until(lambda: shown(workbench, View.DROPPED) == [*range(110, 120)])
    assert shown(workbench) == [*range(110)]


def test_what_spus_cannot_run_is_said(broker: FluvioBroker, workbench: TopicWorkbench) -> None:
    broker.modules.add(
        "sf1", passes_all('(func (export "look_back") (param i32 i32 i32) (result i32) i32.const 0)')
    )
    workbench.add((Step(source=StoredName(name="sf1"), look_back=LookBack(last=3)),), remote=True)
    wait_until(lambda: pane(workbench).state is ConsumerState.STOPPED)
    assert "an SPU would begin that at the newest record" in pane(workbench).status.notice
