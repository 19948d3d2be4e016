import numpy as np
import pytest

from engine.live.row_source import WindowRows
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.rows.found_rows import FoundRows


@pytest.mark.parametrize(
    "shown, row, number",
    [
        ([1, 2, 5], 5, (2, 2)),
        ([1, 2, 5], 1, (0, 2)),
        ([1, 3], 2, (0, 0)),  # it was found, but the pane shows others
        ([1, 2, 5], None, (0, 2)),
    ],
)
def test_only_a_row_that_is_shown_has_a_number(
    shown: list[int], row: int | None, number: tuple[int, int]
) -> None:
    found = FoundRows()
    found.update(np.array([2, 5, 9]))
    source = WindowRows(ScriptedWorkbench().window.snapshot(), np.array(shown))
    assert found.number(source, row) == number
