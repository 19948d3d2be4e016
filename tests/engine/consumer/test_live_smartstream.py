"""A running consumer evaluates with whatever replaces its stored SmartStream."""

import queue
from collections.abc import Iterator
from functools import partial

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.builds.build import BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_library import StoredSource
from engine.consumer.succession import LiveSmartStream
from engine.errors import SmartStreamError, UnknownSmartStreamError
from engine.files import replace_file
from engine.library.modules import add_module
from tests.engine.runtime.wat_guests import by_hand, guest, letters
from tests.waiting import PATIENCE

DIGIT = by_hand("digit.wat")

pytestmark = pytest.mark.usefixtures("compiled_once")


class Followed:
    """A stored SmartStream, and what was reported of it."""

    def __init__(self, store: SmartStreamStore) -> None:
        self._reports: queue.SimpleQueue[tuple[BuildResult, int]] = queue.SimpleQueue()
        self.stream = LiveSmartStream(
            partial(BuildLoop, StoredSource(store, "sf1")),
            on_build=lambda result, running: self._reports.put((result, running)),
        )

    def report(self) -> tuple[BuildResult, int]:
        return self._reports.get(timeout=PATIENCE)

    def replaced(self) -> None:
        result, running = self.report()
        assert (result.error, running) == (None, result.version)

    def verdicts(self) -> list[int]:
        return self.stream.evaluate(letters("a1b")).verdicts.tolist()


@pytest.fixture
def followed(store: SmartStreamStore) -> Iterator[Followed]:
    add_module(store, "sf1", DIGIT, "f")
    followed = Followed(store)
    followed.replaced()
    yield followed
    followed.stream.close()


def test_the_next_batch_is_evaluated_by_the_new_module(followed: Followed, store: SmartStreamStore) -> None:
    assert followed.verdicts() == [0, 1, 0]
    add_module(store, "sf1", guest(), "f")
    followed.replaced()
    assert followed.verdicts() == [1, 1, 1]


def test_replaced_twice_between_batches(followed: Followed, store: SmartStreamStore) -> None:
    add_module(store, "sf1", guest("(i32.const 0)"), "f")
    followed.replaced()
    add_module(store, "sf1", guest(), "f")
    followed.replaced()
    assert followed.verdicts() == [1, 1, 1]


def test_close_also_closes_a_module_that_was_not_used_yet(
    followed: Followed, store: SmartStreamStore
) -> None:
    add_module(store, "sf1", guest(), "f")
    followed.replaced()
    followed.stream.close()
    with pytest.raises(SmartStreamError, match="is closed"):
        followed.verdicts()


def test_removed_or_damaged_the_running_module_goes_on(followed: Followed, store: SmartStreamStore) -> None:
    store.remove("sf1")
    result, running = followed.report()
    assert isinstance(result.error, UnknownSmartStreamError)
    assert running == 1
    replace_file(store.path("sf1"), b"no module")
    result, running = followed.report()
    assert result.error is not None
    assert (result.error.message, running) == ("the stored SmartStream 'sf1' is not WebAssembly", 1)
    assert followed.verdicts() == [0, 1, 0]
    add_module(store, "sf1", guest(), "f")
    followed.replaced()
    assert followed.verdicts() == [1, 1, 1]


def test_a_name_that_is_not_stored_is_a_failed_build(store: SmartStreamStore) -> None:
    followed = Followed(store)
    try:
        result, running = followed.report()
    finally:
        followed.stream.close()
    assert isinstance(result.error, UnknownSmartStreamError)
    assert running == 0
