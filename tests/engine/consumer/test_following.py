"""A running consumer takes over what replaces its stored SmartStream."""

import queue
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from engine.consumer.following import FollowingSmartStream
from engine.errors import EngineError, SmartStreamError, UnknownSmartStreamError
from engine.library.store import SmartStreamStore
from tests.engine.runtime.wat_guests import by_hand, guest, letters
from tests.waiting import PATIENCE

DIGIT = by_hand("digit.wat")


@dataclass
class Heard:
    replaced: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    problems: "queue.SimpleQueue[EngineError]" = field(default_factory=queue.SimpleQueue)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def stream(store: SmartStreamStore, heard: Heard) -> Iterator[FollowingSmartStream]:
    store.add("sf1", DIGIT, "f")
    with FollowingSmartStream(
        store, "sf1", on_replaced=heard.replaced.release, on_problem=heard.problems.put
    ) as following:
        yield following


def verdicts(stream: FollowingSmartStream) -> list[int]:
    return stream.evaluate(letters("a1b")).verdicts.tolist()


def test_the_next_batch_is_the_new_ones(
    stream: FollowingSmartStream, store: SmartStreamStore, heard: Heard
) -> None:
    assert verdicts(stream) == [0, 1, 0]
    store.add("sf1", guest(), "f")
    assert heard.replaced.acquire(timeout=PATIENCE)
    assert verdicts(stream) == [1, 1, 1]


def test_replaced_twice_between_batches(
    stream: FollowingSmartStream, store: SmartStreamStore, heard: Heard
) -> None:
    store.add("sf1", guest("(i32.const 0)"), "f")
    assert heard.replaced.acquire(timeout=PATIENCE)
    store.add("sf1", guest(), "f")
    assert heard.replaced.acquire(timeout=PATIENCE)
    assert verdicts(stream) == [1, 1, 1]


def test_one_that_waits_when_it_is_closed_is_let_go(
    stream: FollowingSmartStream, store: SmartStreamStore, heard: Heard
) -> None:
    store.add("sf1", guest(), "f")
    assert heard.replaced.acquire(timeout=PATIENCE)
    stream.close()
    with pytest.raises(SmartStreamError, match="is closed"):
        verdicts(stream)


def test_removed_or_damaged_it_goes_on_as_it_was(
    stream: FollowingSmartStream, store: SmartStreamStore, heard: Heard
) -> None:
    store.remove("sf1")
    assert isinstance(heard.problems.get(timeout=PATIENCE), UnknownSmartStreamError)
    store.path("sf1").write_bytes(b"no module")
    assert heard.problems.get(timeout=PATIENCE).message == "the stored SmartStream 'sf1' is not WebAssembly"
    assert verdicts(stream) == [0, 1, 0]
    store.add("sf1", guest(), "f")
    assert heard.replaced.acquire(timeout=PATIENCE)
    assert verdicts(stream) == [1, 1, 1]


def test_nothing_stored_is_told_at_once(store: SmartStreamStore, heard: Heard) -> None:
    with pytest.raises(UnknownSmartStreamError):
        FollowingSmartStream(store, "sf1", on_replaced=heard.replaced.release, on_problem=heard.problems.put)
