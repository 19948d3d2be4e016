import gc

import pytest

from tui.dashboard.app.gc_policy import YOUNG, collected_seldom


def test_garbage_collector_is_restored() -> None:
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    with pytest.raises(ValueError, match="ends"), collected_seldom():
        assert gc.get_threshold() == (YOUNG, *before[1:])
        assert gc.get_freeze_count() > frozen
        raise ValueError("the block ends badly")
    assert (gc.get_threshold(), gc.get_freeze_count()) == (before, 0)
    gc.freeze()  # as tests/conftest.py does
