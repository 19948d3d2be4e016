"""What a consumer does next: what is wanted most comes first, and what is wanted no more is given up."""

import threading
from dataclasses import replace
from pathlib import Path

import pytest

from engine.builds.build import Build, BuildState
from engine.live.evaluation.mailbox import Errand, Errands
from engine.process import SupersededError


def ready(version: int) -> Build:
    return Build(version, Path("f.rs"), BuildState.READY, "f.rs saved", 0.0, 0.0, 0.1, b"wasm")


def failed(version: int) -> Build:
    return replace(ready(version), state=BuildState.FAILED, wasm=None)


@pytest.fixture
def errands() -> Errands:
    return Errands(threading.Condition())


def following(errands: Errands) -> Errand:
    errand = errands.wait(lambda: 0.0)
    assert errand is not None
    return errand


def test_builds_come_before_what_was_chosen_and_that_before_going_on(errands: Errands) -> None:
    errands.resume()
    errands.deliver(ready(3))
    errands.choose(ready(1))
    first, second = following(errands), following(errands)
    assert (first.build, first.chosen) == (ready(3), False)
    assert (second.build, second.chosen) == (ready(1), True)
    assert following(errands).build is None


def test_going_on_is_forgotten_once_there_is_another_version(errands: Errands) -> None:
    errands.resume()
    assert following(errands).resumes
    errands.resume()
    errands.deliver(ready(2))
    following(errands)
    assert not following(errands).resumes


def test_a_good_save_is_wanted_more_than_what_was_chosen_before_it(errands: Errands) -> None:
    errands.choose(ready(1))
    errands.deliver(failed(3))
    assert following(errands).build == failed(3)
    errands.deliver(ready(4))
    assert following(errands).build == ready(4)
    assert following(errands).build is None


def test_loading_ends_where_another_good_build_comes(errands: Errands) -> None:
    errands.choose(ready(1))
    loading = following(errands).job
    errands.deliver(failed(2))
    loading.check()
    errands.deliver(ready(3))
    with pytest.raises(SupersededError):
        loading.check()


def test_a_choice_can_be_taken_back(errands: Errands) -> None:
    errands.choose(ready(1))
    errands.choose(None)
    assert following(errands).build is None


def test_at_the_end_there_is_nothing_to_do_and_nothing_is_loaded(errands: Errands) -> None:
    errands.deliver(ready(1))
    loading = following(errands).job
    errands.deliver(ready(2))
    errands.close()
    assert errands.wait(lambda: 0.0) is None
    with pytest.raises(SupersededError):
        loading.check()


def test_a_row_to_go_to_comes_before_evaluating_and_after_builds(errands: Errands) -> None:
    errands.seek(7)
    errands.seek(9)
    errands.deliver(ready(2))
    assert following(errands).build == ready(2)
    assert following(errands).row == 9
    assert following(errands).row is None


def test_what_is_due_later_is_waited_for_and_asked_anew(errands: Errands) -> None:
    left = [0.0, 0.001, 1_000.0]
    threading.Timer(0.01, errands.look_again).start()
    assert errands.wait(left.pop) == Errand(None, errands.wait(lambda: 0.0).job)
    assert left == []
