import os
import random
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from engine.broker.sqlite import commit_file
from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.damage.end_mark import EndMark
from engine.broker.topics import OffsetRange
from engine.errors import BrokerError, RecordTooLargeError, UnknownTopicError
from engine.records.batch import record_batch
from tests.fork_server import Forked, ForkServer
from tests.reading import read, wait
from tests.waiting import PATIENCE, wait_until

InThread = Callable[[Callable[[], object]], "Future[object]"]
SCRIPT = Path(__file__).with_name("broker_process.py")
MODULE = "tests.engine.broker.sqlite.broker_process"


@dataclass
class Producer:
    """A process that produces, and what it has had acknowledged."""

    name: str
    process: "Forked | subprocess.Popen[bytes]"
    acknowledged: list[tuple[int, int]] = field(default_factory=list)
    """First offset and number of each batch, in order."""
    slowest: float = 0.0
    reader: threading.Thread | None = None

    @classmethod
    def start(
        cls,
        folder: Path,
        topic: str,
        name: str,
        seconds: float,
        size: int = 20,
        env: Mapping[str, str] | None = None,
        forks: ForkServer | None = None,
    ) -> "Producer":
        arguments = ["produce", str(folder), topic, name, str(seconds), str(size)]
        process: Forked | subprocess.Popen[bytes]
        if forks is not None:
            process = forks.start(arguments, environment=os.environ, folder=folder, module=MODULE)
        else:
            command = [sys.executable, str(SCRIPT), *arguments]
            process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env)
        producer = cls(name, process)
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            process.kill()
            raise AssertionError(f"{name} did not start: status {producer.end()}")
        producer.reader = threading.Thread(target=producer._listen)
        producer.reader.start()
        return producer

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            offset, number, seconds = line.split()
            self.acknowledged.append((int(offset), int(number)))
            self.slowest = max(self.slowest, float(seconds))

    def go(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(b"\n")
        self.process.stdin.flush()

    def end(self) -> int:
        """Wait for it and close its pipes; its exit status."""
        status = self.process.wait(120)
        if self.reader is not None:
            self.reader.join(PATIENCE)
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe is not None:
                pipe.close()
        return status


def read_all(broker: EmbeddedBroker, topic: str, end: int | None = None, start: int = 0) -> list[bytes]:
    """Values in offset order; up to `end`, waited for, or to what is there now."""
    found: list[bytes] = []
    while end is None or start + len(found) < end:
        batch = read(broker, topic, 0, start + len(found))
        if not len(batch) and end is None:
            break
        if not len(batch):
            assert wait(broker, topic, {0: start + len(found)}, 60)
        assert batch.first_offset == start + len(found)
        found += batch.records.column("value").to_pylist()
    return found


def check_log(values: list[bytes], producers: list[Producer]) -> None:
    """Each record once, each producer's batches whole and in order, what was acknowledged at its offset."""
    batches: dict[str, list[tuple[int, int, list[int]]]] = defaultdict(list)
    for offset, value in enumerate(values):
        name, number, index = value.decode().strip().split(":")
        if int(index) == 0:
            batches[name].append((offset, int(number), []))
        batches[name][-1][2].append(int(index))
        assert batches[name][-1][1] == int(number)
    for producer in producers:
        stored = batches[producer.name]
        assert [number for _, number, _ in stored] == list(range(len(stored)))
        assert all(indexes == list(range(1 + number % 3)) for _, number, indexes in stored)
        acknowledged = [(offset, number) for offset, number, _ in stored[: len(producer.acknowledged)]]
        assert producer.acknowledged == acknowledged
        assert len(stored) - len(producer.acknowledged) in (0, 1)


def test_threads_append_and_read_at_the_same_time(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.topics.create("a")
    threads, appends = 8, 40

    def produce(name: int) -> list[int]:
        return [
            broker.log.append("a", record_batch([b"%d %d" % (name, n), b"second"])).first
            for n in range(appends)
        ]

    reading = [in_thread(lambda: read_all(broker, "a", threads * appends * 2)) for _ in range(3)]
    producing = [in_thread(lambda name=name: produce(name)) for name in range(threads)]
    first, *others = [future.result(PATIENCE) for future in reading]
    assert isinstance(first, list)
    assert all(values == first for values in others)
    for name, future in enumerate(producing):
        offsets = future.result(PATIENCE)
        assert isinstance(offsets, list)
        assert [first[offset] for offset in offsets] == [b"%d %d" % (name, n) for n in range(appends)]
        assert offsets == sorted(offsets)
    assert broker.log.offsets("a")[0] == OffsetRange(0, threads * appends * 2)


def test_appends_to_several_topics_are_answered_each_with_its_own(
    broker: EmbeddedBroker, in_thread: InThread
) -> None:
    broker.topics.create("a", 4)
    broker.topics.create("b")

    def produce(topic: str, partition: int) -> list[int]:
        return [broker.log.append(topic, record_batch([b"x"] * 2), partition).first for _ in range(30)]

    places = [("a", 0), ("a", 1), ("a", 3), ("b", 0)]
    for future in [in_thread(lambda place=place: produce(*place)) for place in places]:
        assert future.result(PATIENCE) == list(range(0, 60, 2))


def test_an_error_reaches_only_the_caller_it_concerns(broker: EmbeddedBroker, in_thread: InThread) -> None:
    broker.topics.create("a")

    def good() -> list[int]:
        return [broker.log.append("a", record_batch([b"x"])).first for _ in range(50)]

    def bad() -> list[type[BaseException]]:
        raised = []
        for _ in range(50):
            for topic, partition, value in (("none", 0, b"x"), ("a", 7, b"x"), ("a", 0, bytes(17 << 20))):
                with pytest.raises(BrokerError) as error:
                    broker.log.append(topic, record_batch([value]), partition)
                raised.append(type(error.value))
        return raised

    fine, failing = [in_thread(good) for _ in range(3)], in_thread(bad)
    assert failing.result(PATIENCE) == [UnknownTopicError, BrokerError, RecordTooLargeError] * 50
    assert sorted(offset for future in fine for offset in future.result(PATIENCE)) == list(range(150))  # type: ignore[attr-defined]


def test_large_appends_beside_small_ones_keep_to_themselves(
    broker: EmbeddedBroker, in_thread: InThread
) -> None:
    broker.topics.create("a")
    large = [b"%d" % index * 100 for index in range(20_000)]

    def small() -> list[int]:
        return [broker.log.append("a", record_batch([b"small"])).first for _ in range(100)]

    future = in_thread(small)
    offset = broker.log.append("a", record_batch(large)).first
    smalls = future.result(PATIENCE)
    values = read_all(broker, "a")
    assert values[offset : offset + len(large)] == large
    assert isinstance(smalls, list)
    assert all(values[at] == b"small" for at in smalls)
    assert len(values) == len(large) + 100


@pytest.fixture
def topic_folder(folder: Path) -> Path:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
    return folder


@pytest.mark.parametrize(
    ("processes", "seconds"),
    [(3, 1.5), pytest.param(8, 30, marks=[pytest.mark.soak, pytest.mark.timeout(600)])],
)
def test_processes_produce_into_one_topic(
    topic_folder: Path, in_thread: InThread, processes: int, seconds: float
) -> None:
    done = threading.Event()

    def follow(broker: EmbeddedBroker) -> list[bytes]:
        found: list[bytes] = []
        while not done.is_set():
            wait(broker, "a", {0: len(found)}, 0.1)
            found += read_all(broker, "a", start=len(found))
        return found + read_all(broker, "a", start=len(found))

    with EmbeddedBroker.open(topic_folder) as one, EmbeddedBroker.open(topic_folder) as other:
        following = [in_thread(lambda broker=broker: follow(broker)) for broker in (one, other)]
        producers = [Producer.start(topic_folder, "a", f"p{number}", seconds) for number in range(processes)]
        for producer in producers:
            producer.go()
        assert [producer.end() for producer in producers] == [0] * processes
        done.set()
        first, second = (future.result(PATIENCE) for future in following)
        assert isinstance(first, list)
        assert first == second == read_all(one, "a")
    check_log(first, producers)
    assert sum(1 + number % 3 for producer in producers for _, number in producer.acknowledged) == len(first)
    slowest = [producer.slowest for producer in producers]
    print(
        f"{processes} processes, {seconds:g} s: {sum(len(p.acknowledged) for p in producers):,} appends of "
        f"{len(first):,} records; the slowest of each process: {', '.join(f'{s:.3f}' for s in slowest)} s"
    )
    # A second is what no append should take; the rest is for a machine that is busy with something else.
    assert max(slowest) < PATIENCE


@pytest.mark.parametrize("kills", [18, pytest.param(400, marks=[pytest.mark.soak, pytest.mark.timeout(900)])])
def test_what_was_acknowledged_survives_kill_9(topic_folder: Path, forks: ForkServer, kills: int) -> None:
    chosen = random.Random(11)
    producers: list[Producer] = []
    for number in range(kills):
        size = chosen.choice((20, 5000))
        producers.append(Producer.start(topic_folder, "a", f"p{number}", 10**6, size, forks=forks))
        producers[-1].go()
        if number:  # the one before has produced while this one started: two at a time
            wait_until(lambda: producers[-2].acknowledged)
            time.sleep(chosen.random() * 0.02)  # a random moment is the point
            producers[-2].process.kill()
    producers[-1].process.kill()
    assert [producer.end() for producer in producers] == [-9] * kills
    with EmbeddedBroker.open(topic_folder) as broker:
        assert not broker.damage
        assert [*broker.log.check("a")] == []
        values = read_all(broker, "a")
        check_log(values, producers)
        assert broker.log.append("a", record_batch([b"goes on"])).first == len(values)
        assert broker.log.trim("a", 0, 10**9).end == len(values) + 1


@pytest.fixture
def stamping(topic_folder: Path) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, SCRIPT, "stamp", topic_folder, "a", "20"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        yield process
    assert process.returncode == 0


def test_records_of_another_process_wake_those_who_wait(
    topic_folder: Path, stamping: "subprocess.Popen[str]"
) -> None:
    assert stamping.stdin is not None
    latencies = []
    with EmbeddedBroker.open(topic_folder) as broker:
        for offset in range(20):
            stamping.stdin.write("\n")
            stamping.stdin.flush()
            assert wait(broker, "a", {0: offset}, PATIENCE)
            woken = time.monotonic_ns()
            latencies.append(woken - int(read(broker, "a", 0, offset).value(0) or 0))
    # 50 ms is what is meant, of each, on an idle machine.
    assert min(latencies) < 500_000_000


@pytest.mark.parametrize("watch", [commit_file.watch_commits, lambda _: commit_file.Polling()])
def test_other_processes_commits_are_seen_whatever_watches(
    topic_folder: Path,
    stamping: "subprocess.Popen[str]",
    monkeypatch: pytest.MonkeyPatch,
    watch: Callable[[Path], commit_file.CommitWatch],
) -> None:
    monkeypatch.setattr("engine.broker.sqlite.broker.watch_commits", watch)
    assert stamping.stdin is not None
    with EmbeddedBroker.open(topic_folder) as broker:
        for offset in range(5):
            stamping.stdin.write("\n")
            stamping.stdin.flush()
            assert wait(broker, "a", {0: offset}, PATIENCE)


def test_commits_are_polled_for_where_the_system_cannot_watch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(commit_file.watch_commits(tmp_path / "missing"), commit_file.Polling)
    (tmp_path / "commits").touch()
    monkeypatch.setattr("sys.platform", "darwin")
    assert isinstance(commit_file.watch_commits(tmp_path / "commits"), commit_file.Polling)


def test_a_commit_that_nobody_told_of_is_seen_all_the_same(
    topic_folder: Path, stamping: "subprocess.Popen[str]", in_thread: InThread
) -> None:
    assert stamping.stdin is not None
    with EmbeddedBroker.open(topic_folder) as broker:
        found = in_thread(lambda: wait(broker, "a", {0: 0}, 2 * PATIENCE))
        (topic_folder / "log.commits").unlink()
        stamping.stdin.write("\n")
        stamping.stdin.flush()
        assert found.result(PATIENCE)


@pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")
def test_a_commit_is_told_of_at_once(tmp_path: Path, in_thread: InThread) -> None:
    told = EndMark(tmp_path / "commits")
    told.begin(bytes(16), bytes(8))
    watch = commit_file.watch_commits(tmp_path / "commits")
    assert isinstance(watch, commit_file.Inotify)
    waits = []
    for _ in range(20):
        told.committed(bytes(8))
        started = time.monotonic()
        watch.wait()
        waits.append(time.monotonic() - started)
    # On a busy machine some last longer; untold, none ends sooner.
    assert min(waits) < commit_file.LOOK_SECONDS / 2
    ended = in_thread(lambda: [watch.wait() for _ in range(100)])
    watch.interrupt()
    ended.result(PATIENCE)
    watch.close()
    told.close()


def test_records_of_the_same_process_wake_those_who_wait_without_polling(
    broker: EmbeddedBroker, in_thread: InThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Deaf(commit_file.Polling):
        def wait(self) -> None:
            self._over.wait()

    monkeypatch.setattr("engine.broker.sqlite.broker.watch_commits", lambda _: Deaf())
    broker.topics.create("a")
    following = in_thread(lambda: read_all(broker, "a", 50))
    for number in range(50):
        broker.log.append("a", record_batch([b"%d" % number]))
    assert following.result(PATIENCE) == [b"%d" % number for number in range(50)]
