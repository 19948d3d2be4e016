"""Which panes are in view, which one has the focus, and how they are opened and closed."""

from textual import events

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.keys.palette import commands
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panes.pane import Pane
from tui.dashboard.widgets.panes.pane_tabs import PaneTabs


def in_view(page: DashboardPage) -> list[int | None]:
    return [pane.consumer for pane in page.deck.panes if pane.display]


def several(filters: int) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"%d" % number for number in range(50)))
    for number in range(1, filters + 1):
        workbench.add(f"filter_{number}", example_workbenches.has_number)
    return workbench


def test_as_many_panes_as_fit_are_in_view(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for width, expected in (
            (200, [None, 1, 2, 3, 4]),
            (120, [None, 1, 2, 3]),
            (90, [None, 1, 2]),
            (80, [None, 1]),
            (40, [None]),
            (180, [None, 1, 2, 3, 4]),
        ):
            await page.resize_terminal(width, 24)
            await page.until(lambda expected=expected: in_view(page) == expected)
            assert page.app.screen.query_one(PaneTabs).display == (len(expected) < 5)
        await page.resize_terminal(50, 12)
        await page.until(lambda: in_view(page) == [None])
        await page.press("2")
        assert in_view(page) == [2]
        await page.press("0")
        assert in_view(page) == [None]

    drive(several(4), story)


def test_turning_to_a_hidden_pane_keeps_the_raw_one_in_view(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        seen = []
        for key in ("2", "4", "tab", "shift+tab", "left", "right", "1"):
            await page.press(key)
            seen.append((page.deck.current.consumer, in_view(page)))
            assert page.deck.current.view.has_focus
        assert seen == [
            (2, [None, 2]),
            (4, [None, 4]),
            (None, [None, 4]),
            (4, [None, 4]),
            (3, [None, 3]),
            (4, [None, 4]),
            (1, [None, 1]),
        ]

    drive(several(4), story, size=(80, 24))


def test_of_many_tabs_those_of_panes_in_view_can_be_read(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("9")
        assert "9 filter_9" in str(page.app.screen.query_one(PaneTabs).render())[:80]
        await page.click(PaneTabs, offset=(3, 0))
        assert page.deck.current.consumer == 5

    drive(several(9), story, size=(80, 24))


def test_closing_a_filter_keeps_the_other_numbers(drive: Drive) -> None:
    workbench = several(3)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "x")
        await page.until(lambda: len(page.deck.panes) == 3)
        assert workbench.asked[-1] == "remove 1"
        assert page.deck.current.consumer == 2
        assert page.deck.current.view.has_focus
        for key, left in (("3", [None, 2]), ("2", [None])):
            await page.press(key, "x")
            await page.until(lambda left=left: [pane.consumer for pane in page.panes] == left)  # type: ignore[misc]
        await page.press("x")
        assert workbench.asked.count("remove 2") == 1

    drive(workbench, story, size=(160, 24))


def test_a_pane_that_the_focus_has_left_meanwhile_is_not_turned_to(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        raw, first, *_ = page.panes
        page.deck.turn_to(raw)
        await page.settled()
        # It had the focus for a moment, and does not know yet that it is gone.
        first.view.has_focus = True
        page.deck.post_message(events.DescendantFocus(first.view))
        await page.settled()
        assert page.deck.current is raw

    drive(several(2), story)


def test_a_match_has_the_focus_at_once(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("slash", "1")
        page.dashboard.query_one(SearchBar).go_to_match()
        # A hit in the log may turn to another pane before anything else is done.
        assert page.dashboard.focused is page.view

    drive(several(2), story)


def test_a_new_consumer_gets_a_pane(drive: Drive) -> None:
    workbench = several(1)

    async def story(page: DashboardPage) -> None:
        workbench.add("late", example_workbenches.has_number)
        await page.drawn(workbench)
        await page.until(lambda: page.deck.current.consumer == 2)
        assert page.deck.current.view.has_focus
        assert len(page.deck.current.view.rows) == len(page.deck.panes[1].view.rows)

    drive(workbench, story)


def test_a_pane_is_maximised_and_restored(drive: Drive) -> None:
    workbench = several(3)

    async def story(page: DashboardPage) -> None:
        await page.press("2", "z")
        assert in_view(page) == [2]
        assert page.app.screen.query_one(PaneTabs).display
        await page.press("right")
        assert in_view(page) == [3]
        assert page.deck.current.view.has_focus
        await page.press("x")
        await page.until(lambda: len(page.deck.panes) == 3)
        assert in_view(page) == [2]
        titles = {command.label for command in commands(page.app.screen)}
        assert "All panes" in titles
        assert "Maximise" not in titles
        await page.press("z")
        assert in_view(page) == [None, 1, 2]

    drive(workbench, story, size=(200, 24))


def test_moving_a_filter_moves_its_tab_and_its_column(drive: Drive) -> None:
    workbench = several(3)

    def order(page: DashboardPage) -> list[int | None]:
        shown = page.app.screen.query(Pane)
        assert list(shown) == page.deck.panes
        return [pane.consumer for pane in shown]

    async def story(page: DashboardPage) -> None:
        await page.press("0", "less_than_sign", "greater_than_sign")
        assert workbench.asked == ["start"]
        await page.press("3", "less_than_sign")
        assert order(page) == [None, 1, 3, 2]
        assert page.deck.current.consumer == 3
        assert page.deck.current.view.has_focus
        assert in_view(page) == [None, 1, 3]
        assert "1 filter_1 ● ▌3 filter_3 ●  2 filter_2" in str(page.app.screen.query_one(PaneTabs).render())
        head = page.deck.panes[0].head.state
        assert head is not None
        assert head.legend == (1, 3, 2)
        await page.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert order(page) == [None, 3, 1, 2]
        await page.press("1", "greater_than_sign", "greater_than_sign")
        assert order(page) == [None, 3, 2, 1]
        await page.press("2")
        assert page.deck.current.consumer == 2

    drive(workbench, story, size=(100, 24))
