"""A row over several lines."""

import pytest
from textual.strip import Strip

from tui.dashboard.widgets.rows.wrapped_row import WrappedRow


@pytest.mark.parametrize(
    ("line", "lines", "shown"),
    [
        (1, 3, [(0, None), (1, 0), (1, 1), (1, 2), (2, None), (3, None)]),
        (5, 3, [(2, None), (3, None), (4, None), (5, 0), (5, 1), (5, 2)]),
        (4, 3, [(1, None), (2, None), (3, None), (4, 0), (4, 1), (4, 2)]),
        (0, 1, [(0, 0), (1, None), (2, None), (3, None), (4, None), (5, None)]),
    ],
)
def test_other_rows_make_room(line: int, lines: int, shown: list[tuple[int, int | None]]) -> None:
    row = WrappedRow(line=line, strips=[Strip.blank(1)] * lines, height=6)
    assert [row.locate(y) for y in range(6)] == shown
