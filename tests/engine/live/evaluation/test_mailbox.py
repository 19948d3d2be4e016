"""What a consumer's thread does next."""

import math
import threading
from collections.abc import Iterator

import pytest

from engine.live.evaluation.mailbox import Command, Evaluate, Mailbox, Resume, Seek, UseModule
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import guest
from tests.waiting import PATIENCE, wait_until


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def module() -> Iterator[SmartStream]:
    module = SmartStream(guest())
    yield module
    module.close()


def now() -> float:
    return 0.0


def take_all(mailbox: Mailbox) -> list[Command | None]:
    """Everything before there is nothing to do but evaluate."""
    return list(iter(lambda: mailbox.take(now), Evaluate()))


def test_modules_come_first_in_order_then_the_newest_row(mailbox: Mailbox, module: SmartStream) -> None:
    mailbox.post(Seek(7))
    mailbox.post(Seek(9))
    modules = UseModule(2, module, None), UseModule(1, module, None)
    for use in modules:
        mailbox.post(use)
    assert mailbox.left() == modules
    assert take_all(mailbox) == [*modules, Seek(9)]


def test_resuming_is_forgotten_once_there_is_another_version(mailbox: Mailbox, module: SmartStream) -> None:
    mailbox.post(Resume())
    assert take_all(mailbox) == [Resume()]
    mailbox.post(Resume())
    use = UseModule(2, module, None)
    mailbox.post(use)
    assert take_all(mailbox) == [use]


def test_a_row_comes_before_resuming(mailbox: Mailbox) -> None:
    mailbox.post(Resume())
    mailbox.post(Seek(3))
    assert take_all(mailbox) == [Seek(3), Resume()]


def test_after_close_there_is_nothing_to_do(mailbox: Mailbox) -> None:
    mailbox.post(Seek(1))
    mailbox.close()
    assert mailbox.take(now) is None


def test_it_waits_until_records_are_due_and_asks_again(mailbox: Mailbox) -> None:
    left = [0.0, 0.001, 1_000.0]
    found: list[Command | None] = []
    taking = threading.Thread(target=lambda: found.append(mailbox.take(left.pop)))
    taking.start()
    wait_until(lambda: len(left) == 2)
    mailbox.notify()
    taking.join(PATIENCE)
    assert (found, left) == ([Evaluate()], [])


def test_records_wake_a_thread_that_waits_for_them(mailbox: Mailbox) -> None:
    left = [0.0, math.inf]
    found: list[Command | None] = []
    taking = threading.Thread(target=lambda: found.append(mailbox.take(left.pop)))
    taking.start()
    wait_until(lambda: len(left) == 1)
    mailbox.notify_of_records()
    taking.join(PATIENCE)
    assert (found, left) == ([Evaluate()], [])


def test_records_do_not_wake_a_thread_that_a_rate_limit_holds_back(mailbox: Mailbox) -> None:
    left = [0.0, 1_000.0]
    taking = threading.Thread(target=mailbox.take, args=(left.pop,))
    taking.start()
    wait_until(lambda: len(left) == 1)
    # Posted after it, a command is taken without another look at what is due.
    mailbox.notify_of_records()
    mailbox.post(Seek(1))
    taking.join(PATIENCE)
    assert left == [0.0]
