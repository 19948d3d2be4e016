"""The order of a workbench's consumers."""

import pytest

from engine.live.consumers.consumer_list import moved


@pytest.mark.parametrize(
    ("consumer", "step", "order"),
    [(2, 1, [1, 3, 2]), (2, -1, [2, 1, 3]), (1, -1, [1, 2, 3]), (3, 1, [1, 2, 3]), (9, 1, [1, 2, 3])],
)
def test_moving_a_consumer_stops_at_the_ends(consumer: int, step: int, order: list[int]) -> None:
    assert list(moved({1: "", 2: "", 3: ""}, consumer, step)) == order
