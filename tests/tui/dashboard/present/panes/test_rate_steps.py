"""The rate limits that keys step through."""

from tui.dashboard.present.panes.rate_steps import faster, slower


def test_steps_are_round_and_end_without_a_limit_or_at_zero() -> None:
    assert [faster(rate) for rate in (0, 1, 30, 1_000, None)] == [1, 2, 50, None, None]
    assert [slower(rate) for rate in (None, 100, 30, 1, 0, 0.5, 9_000)] == [1_000, 50, 20, 0, 0, 0, 1_000]
