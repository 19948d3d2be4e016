"""The rate limits that a key press steps through."""

from bisect import bisect_left, bisect_right

_STEPS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)


def faster(pace: float | None) -> float | None:
    """The next pace above: about twice as fast, and above all of them as fast as can be."""
    if pace is None:
        return None
    place = bisect_right(_STEPS, pace)
    return _STEPS[place] if place < len(_STEPS) else None


def slower(pace: float | None) -> float:
    """The next pace below: about half as fast, and below all of them held."""
    return _STEPS[-1] if pace is None else _STEPS[max(bisect_left(_STEPS, pace) - 1, 0)]
