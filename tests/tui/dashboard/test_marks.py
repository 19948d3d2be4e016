"""Marks on the scrollbar."""

from collections.abc import Sequence

import numpy as np
import pytest

from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Live
from engine.live.versions.changes import Change
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_search import search
from tui.dashboard.widgets.rows.marked_scrollbar import LEFT, RIGHT
from tui.dashboard.widgets.rows.scrollbar_marks import Mark, marks


def consumer(
    verdicts: Sequence[Verdict], first_row: int = 0, changed: Sequence[int] = ()
) -> ConsumerSnapshot:
    before = np.full(len(verdicts), Verdict.PENDING, np.uint8)
    before[[row - first_row for row in changed]] = Verdict.DROP
    change = Change(first_row, before, 0, 0, len(verdicts)) if len(changed) else None
    given = np.array(verdicts, np.uint8)
    return ConsumerSnapshot(1, "f", None, Live(), first_row=first_row, verdicts=given, change=change)


def slowly(rows: Sequence[int], lines: int, one: ConsumerSnapshot, hits: Sequence[int]) -> list[int]:
    """The same, row by row."""
    found = [0] * lines
    for position, row in enumerate(rows):
        verdict = one.verdict(row)
        mark = Mark.ERROR if verdict is Verdict.ERROR else Mark(0)
        mark |= Mark.TRAP if verdict in (Verdict.TRAP, Verdict.TIMEOUT) else Mark(0)
        mark |= Mark.CHANGED if one.change is not None and one.change.was(row) is not None else Mark(0)
        mark |= Mark.HIT if row in hits else Mark(0)
        found[position * lines // max(len(rows), lines)] |= mark
    return found


@pytest.mark.parametrize("lines", [31, 40, 999, 3_000])
@pytest.mark.parametrize("every", [1, 3])
def test_marks_are_where_the_rows_are(lines: int, every: int) -> None:
    random = np.random.default_rng(lines)
    weights = [0.48, 0.49, 0.004, 0.003, 0.003, 0.02]
    verdicts = [Verdict(value) for value in random.choice([*map(int, Verdict)], 1_000, p=weights)]
    changed, hits = (sorted(random.choice(np.arange(50, 1_050), 9, replace=False)) for _ in range(2))
    one = consumer(verdicts, 50, changed)
    rows: Sequence[int] = range(70, 1_040)
    if every > 1:
        rows = np.arange(70, 1_040, every)  # type: ignore[assignment]
    assert marks(rows, lines, [one], np.array(hits)).tolist() == slowly(rows, lines, one, hits)


def test_a_common_mark_is_drawn_only_where_there_is_more_of_it() -> None:
    verdicts = [Verdict.TRAP if row % 5 == 0 or 400 <= row < 450 else Verdict.PASS for row in range(1_000)]
    found = marks(range(1_000), 20, [consumer(verdicts)], None)
    assert np.flatnonzero(found).tolist() == [8]
    everywhere = marks(range(1_000), 20, [consumer([Verdict.TRAP] * 1_000)], None)
    assert not everywhere.any()
    assert marks(range(10), 20, [consumer([Verdict.TRAP] * 10)], None).tolist() == [Mark.TRAP] * 10 + [0] * 10


def test_no_marks_without_rows_or_lines() -> None:
    assert marks((), 3, [consumer([Verdict.TRAP])], None).tolist() == [0, 0, 0]
    assert marks(range(1), 0, [consumer([Verdict.TRAP])], None).tolist() == []


def bar(page: DashboardPage, pane: int = 0) -> str:
    """The scrollbar of a pane, as text."""
    region = page.deck.panes[pane].view.vertical_scrollbar.region
    strips = page.strips()
    return "".join(strips[y].crop(region.x, region.right).text for y in range(region.y, region.bottom))


def numbered() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"%d" % number for number in range(1_000)))
    return workbench


def trap_on_seven(value: bytes) -> Verdict:
    return Verdict.TRAP if value == b"7" else Verdict.ERROR if value == b"990" else Verdict.PASS


def test_the_scrollbar_shows_faults_and_hits(drive: Drive) -> None:
    workbench = numbered()

    async def story(page: DashboardPage) -> None:
        assert bar(page).strip() == ""
        workbench.add("f", trap_on_seven)
        await page.drawn(workbench)
        await page.until(lambda: bar(page)[0] == RIGHT)
        shown = bar(page)
        assert shown[-1] == RIGHT
        assert not set(bar(page, 1)) & {LEFT, RIGHT}
        await search(page, "55")
        await page.until(lambda: LEFT in bar(page)[len(shown) // 2 : -2])
        await page.press("escape")
        await page.until(lambda: bar(page) == shown)
        await page.produce(workbench, *[b"7"] * 100)
        await page.until(lambda: bar(page)[-2] == RIGHT)

    drive(workbench, story)


def test_the_scrollbar_shows_changed_verdicts(drive: Drive) -> None:
    workbench = numbered()
    workbench.add("f", lambda _: Verdict.PASS, before=trap_on_seven, version=2)

    async def story(page: DashboardPage) -> None:
        for pane in (0, 1):
            shown = bar(page, pane)
            assert (shown[0], shown[-1]) == (RIGHT, RIGHT)
            assert RIGHT not in shown[1:-1]

    drive(workbench, story)


def test_a_mark_can_be_clicked(drive: Drive) -> None:
    workbench = numbered()
    workbench.add("f", trap_on_seven)

    async def story(page: DashboardPage) -> None:
        view = page.deck.panes[0].view
        assert bar(page)[0] == RIGHT
        await page.click(view.vertical_scrollbar, offset=(0, 0))
        assert view.scroll_offset.y < view.max_scroll_y

    drive(workbench, story)
