"""Builds take turns."""

import threading
from contextlib import closing
from pathlib import Path

import pytest

from engine.builds.turns import AT_ONCE, take_turn
from engine.process.job import Job, SupersededError
from tests.waiting import wait_until


def test_build_waits_for_its_turn_and_says_so(tmp_path: Path) -> None:
    taken = [take_turn(tmp_path, Job()) for _ in range(AT_ONCE)]
    said: list[str] = []
    thread = threading.Thread(target=lambda: take_turn(tmp_path, Job(said.append)).close())
    thread.start()
    wait_until(lambda: said)
    assert said == [f"waiting for {AT_ONCE} other builds"]
    for turn in taken:
        turn.close()
    thread.join()


def test_waiting_build_can_be_cancelled(tmp_path: Path) -> None:
    taken = [take_turn(tmp_path, Job()) for _ in range(AT_ONCE)]
    job = Job(lambda _: job.cancel())
    with pytest.raises(SupersededError):
        take_turn(tmp_path, job)
    taken.pop().close()
    with closing(take_turn(tmp_path, Job())):
        pass
    for turn in taken:
        turn.close()
