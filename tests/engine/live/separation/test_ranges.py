import numpy as np
import pytest

from engine.live.separation.ranges import cuts, round_between

ONE_EACH = np.ones(3)


def classes_of(numbers, *edges):
    return np.searchsorted(edges, numbers, side="right") % 2


def test_one_threshold_is_found_and_round():
    numbers = np.random.default_rng(1).uniform(0, 100, 20_000)
    assert cuts(numbers, classes_of(numbers, 49.99), ONE_EACH) == [pytest.approx(49.99, abs=0.02)]
    assert cuts(numbers, classes_of(numbers, 50), ONE_EACH) == [50.0]


def test_a_band_has_two_edges():
    numbers = np.random.default_rng(2).uniform(-1, 1, 5_000)
    assert cuts(numbers, classes_of(numbers, -0.25, 0.5), ONE_EACH) == [-0.25, 0.5]


def test_chance_makes_quartiles_only():
    generator = np.random.default_rng(3)
    numbers = generator.integers(0, 1_000_000, 10_000).astype(float)
    found = cuts(numbers, generator.integers(0, 2, 10_000), ONE_EACH)
    assert len(found) == 3
    assert found == pytest.approx([250_000, 500_000, 750_000], rel=0.1)


def test_weights_stand_for_records():
    numbers = np.arange(1_000.0)
    classes = classes_of(numbers, 700)
    assert cuts(numbers, classes, np.array([1.0, 50.0, 1.0])) == [700.0]


@pytest.mark.parametrize(
    ("low", "high", "between"),
    [
        (49.98, 50.03, 50),
        (0.1234, 0.1299, 0.125),
        (999, 1000, 1000),
        (-1, 1, 0),
        (1e9, 1e9 + 1, 1e9 + 1),
        (-2.5, -2.4, -2.4),
    ],
)
def test_the_roundest_number_between_two(low, high, between):
    found = round_between(low, high)
    assert low < found <= high
    assert len(f"{found:.12g}") <= len(f"{between:.12g}")
