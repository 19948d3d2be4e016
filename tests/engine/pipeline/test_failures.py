"""Pipelines that are killed, and brokers that do not answer: nothing is lost, and little written twice."""

import random
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from itertools import pairwise

import pytest

from engine.broker.broker import Broker
from engine.errors import BrokerError, BrokerUnreachableError
from engine.records.batch import record_batch
from tests.engine.pipeline.running import HASH, either, opened, run, spec
from tests.engine.runtime.wat_makers import folded
from tests.reading import values
from tests.waiting import PATIENCE


class Killed(BaseException):
    """Ends a pipeline as a kill does: nothing is written after it."""


class Fragile:
    """Kills at one of the moments between reading and committing."""

    def __init__(self, chance: random.Random) -> None:
        self._left = chance.randrange(1, 9)

    def at_risk(self) -> bool:
        self._left -= 1
        if not self._left:
            raise Killed
        return False

    def around(self, call: Callable[..., object]) -> Callable[..., object]:
        def risky(*arguments: object, **options: object) -> object:
            self.at_risk()
            found = call(*arguments, **options)
            self.at_risk()
            return found

        return risky


def written(append_all: Callable[..., Iterator[object]], appends: object) -> list[object]:
    return list(append_all(appends))


@either
@pytest.mark.usefixtures("transactional")
def test_kills_lose_nothing_and_only_they_repeat(
    topics: Broker, exactly_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    chance = random.Random(7)
    total = spec("total", exactly_once=exactly_once)
    given: list[bytes] = []
    kills = 0
    for _ in range(8 if topics.features.replicas else 30):
        for _ in range(chance.randrange(12)):
            more = [b"%d" % (len(given) + n) for n in range(chance.randrange(1, 30))]
            topics.log.append("in", record_batch(more))
            given += more
        fragile = Fragile(chance)
        with monkeypatch.context() as patched, opened(topics, total, HASH, to_end=True) as (pipeline, claim):
            patched.setattr(topics.log, "append_all", fragile.around(partial(written, topics.log.append_all)))
            for name in ("commit", "append_and_commit"):
                patched.setattr(claim, name, fragile.around(getattr(claim, name)))
            try:
                pipeline.run(fragile.at_risk)
            except Killed:
                kills += 1
    run(topics, total, HASH)
    expected = folded("hash", given)
    found = values(topics, "out")
    assert kills > 2
    assert len(set(expected)) == len(given)
    if exactly_once:
        assert found == expected
    else:
        numbers = {value: number for number, value in enumerate(expected)}
        places = [numbers[value] for value in found]
        steps_back = sum(later <= earlier for earlier, later in pairwise(places))
        assert all(later <= earlier + 1 for earlier, later in pairwise([-1, *places]))
        assert set(places) == set(range(len(given)))
        assert 0 < steps_back <= kills


@either
@pytest.mark.usefixtures("transactional")
def test_it_goes_on_once_the_broker_answers(
    topics: Broker, exactly_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [b"%d" % number for number in range(20)]
    topics.log.append("in", record_batch(given))
    problems: list[BrokerError] = []
    described = spec("total", exactly_once=exactly_once)
    with opened(topics, described, HASH, to_end=True, on_problem=problems.append) as (pipeline, claim):
        with monkeypatch.context() as patched:

            def unreachable(*_: object) -> None:
                patched.undo()
                raise BrokerUnreachableError("it does not answer")

            patched.setattr(claim, "append_and_commit" if exactly_once else "commit", unreachable)
            pipeline.run(lambda: False)
        assert pipeline.progress.read == (20 if exactly_once else 40)
    found = values(topics, "out")
    assert [error.message for error in problems] == ["it does not answer"]
    assert found == folded("hash", given) * (1 if exactly_once else 2)


@either
@pytest.mark.usefixtures("transactional")
def test_partitions_that_move_twice_while_the_broker_does_not_answer(
    topics: Broker, exactly_once: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = [b"%d" % number for number in range(20)]
    for partition in range(2):
        topics.log.append("in", record_batch(given), partition)
    failures: list[str] = []
    deliveries: list[object] = []
    monkeypatch.setattr("engine.pipeline.pipeline.WRITE_SECONDS", PATIENCE)
    described = spec("total", exactly_once=exactly_once)
    with (
        opened(topics, described, HASH, to_end=True, on_delivery=deliveries.append) as (pipeline, claim),
        monkeypatch.context() as patched,
    ):

        def unreachable(*_: object) -> None:
            patched.undo()
            failures.append("append")
            raise BrokerUnreachableError("it does not answer")

        def moved(save: Callable[[], None]) -> bool:
            if not deliveries:
                return False
            for _ in range(2):  # partitions are given up, and others come
                with suppress(BrokerUnreachableError):
                    save()
            return True

        if exactly_once:
            patched.setattr(claim, "append_and_commit", unreachable)
        else:
            patched.setattr(topics.log, "append_all", unreachable)
        patched.setattr(claim, "rebalance", moved)
        pipeline.run(lambda: False)
    assert failures == ["append"]
    assert sorted(value or b"" for value in values(topics, "out")) == sorted(folded("hash", given) * 2)


def test_a_stop_without_an_answer_saves_nothing_more(topics: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    topics.log.append("in", record_batch([b"1"]))
    problems: list[BrokerError] = []

    def unreachable(*_: object) -> None:
        raise BrokerUnreachableError("it does not answer")

    with opened(topics, spec(), on_problem=problems.append) as (pipeline, claim):
        with monkeypatch.context() as patched:
            patched.setattr(topics.log, "append_all", unreachable)
            pipeline.run(lambda: bool(problems))
        assert claim.positions() == {0: 0, 1: 0}
    assert values(topics, "out") == []
    assert run(topics, spec()).written == 1
