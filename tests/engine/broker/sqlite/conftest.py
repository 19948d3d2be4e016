import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path

import pytest

from engine.broker.sqlite import maintenance
from engine.broker.sqlite.broker import EmbeddedBroker
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def broker(folder: Path) -> Iterator[EmbeddedBroker]:
    with EmbeddedBroker.open(folder) as opened:
        yield opened


@pytest.fixture
def in_thread() -> Iterator[Callable[[Callable[[], object]], "Future[object]"]]:
    """Runs a function in a thread and gives its future; every thread is joined at the end."""
    threads: list[threading.Thread] = []

    def start(work: Callable[[], object]) -> "Future[object]":
        future: Future[object] = Future()

        def run() -> None:
            try:
                future.set_result(work())
            except BaseException as error:  # noqa: BLE001 - the test raises it
                future.set_exception(error)

        threads.append(threading.Thread(target=run))
        threads[-1].start()
        return future

    yield start
    for thread in threads:
        thread.join(PATIENCE)
        assert not thread.is_alive()


@pytest.fixture
def until() -> Callable[[Callable[[], bool]], None]:
    """Waits for something that happens in the background."""
    return wait_until


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Maintenance comes round many times a second."""
    monkeypatch.setattr(maintenance, "PERIOD_SECONDS", 0.05)
