"""The terminal that tests use stands what programs write that were interrupted."""

import sys

import pytest

from tests.terminal import Terminal


@pytest.mark.parametrize("cut_off", ["38;2;12;13", "38;2;12;13;?", "?2026;1;2;3;4", "38;2", "²"])
def test_a_sequence_that_is_cut_off_leaves_what_follows(cut_off: str) -> None:
    write = f"import sys; sys.stdout.write('\\x1b[{cut_off}H\\x1b[5;1Hshown\\r\\n\\x1b[{cut_off}m')"
    with Terminal([sys.executable, "-c", f"{write}; print('and more')"]) as terminal:
        assert "shown" in terminal.wait_for("and more")
