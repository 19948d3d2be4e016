"""The rate limits that a key press steps through, in records per second."""

from bisect import bisect_left, bisect_right

_STEPS = (0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1_000.0)


def faster(per_second: float | None) -> float | None:
    """The next step above, about twice the rate; no limit above all steps."""
    if per_second is None:
        return None
    place = bisect_right(_STEPS, per_second)
    return _STEPS[place] if place < len(_STEPS) else None


def slower(per_second: float | None) -> float:
    """The next step below, about half the rate; 0 below all steps, which stops the filter."""
    return _STEPS[-1] if per_second is None else _STEPS[max(bisect_left(_STEPS, per_second) - 1, 0)]
