"""What goes through a whole log, on every broker: searching it, and counting it by time."""

from contextlib import closing

from engine.broker.broker import Broker
from engine.live.log_times import count_log
from engine.live.scrollback.log_search import Hit, LogSearch
from engine.live.window.matcher import TextMatcher
from engine.live.window.window import Window
from engine.records.batch import record_batch
from tests.waiting import wait_for

RECORDS, PARTITIONS = 3_000, 2


def fill(broker: Broker) -> None:
    """Records with their timestamps, in milliseconds, as values: the partitions take turns."""
    broker.topics.create("whole", PARTITIONS)
    for partition in range(PARTITIONS):
        times = range(1_000 + partition, 1_000 + RECORDS, PARTITIONS)
        broker.log.append(
            "whole", record_batch([b"at %d" % time for time in times], timestamps=times), partition
        )


def test_a_log_is_searched_from_the_newest_record_to_the_oldest(broker: Broker) -> None:
    fill(broker)
    window = Window()
    window.clear({p: held.end for p, held in broker.log.offsets("whole").items()})
    matcher = TextMatcher("(1234|3001)$", regex=True)
    with closing(LogSearch(broker, broker.topics.get("whole"), window, matcher, lambda: None)) as search:
        search.go_on(window.snapshot())
        progress = wait_for(lambda: search.progress, lambda now: not now.running)
        assert progress.next == Hit(1, 1_000)
        assert (progress.hits, progress.complete, progress.problem) == (2, True, "")
        window.clear({0: 1_000, 1: 1_000})
        search.go_on(window.snapshot())
        progress = wait_for(lambda: search.progress, lambda now: not now.running)
        assert progress.next == Hit(0, 117)


def test_a_log_is_counted_by_time(broker: Broker) -> None:
    fill(broker)
    found = count_log(broker.log, broker.topics.get("whole"), 4, lambda: False)
    assert found is not None
    assert (found.start, found.width) == (1_000, 1_000)
    assert found.counts.tolist() == [1_000] * 3
