"""Nothing needs a mouse: what lies over the dashboard is opened, gone through and closed by keys."""

from textual.screen import ModalScreen
from textual.widgets import Input

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.keys.bindings import IDLE, KEYS
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panels.search_bar import SearchBar

NO_RECORDS = dict.fromkeys(
    ("dashboard.inspect", "dashboard.copy", "dashboard.save"), "this pane has no records"
)


def everything() -> ScriptedWorkbench:
    """A workbench of which all can be asked."""
    workbench = example_workbenches.stale()
    workbench.names = ("sf1", "sf2")
    return workbench


def test_dialogues_are_usable_by_keys(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        before = page.app.focused
        for keys in ("a", "p", "s", "R", "colon", "c", "question_mark", "enter", "ctrl+p", "enter t"):
            await page.press(*keys.split())
            await page.until(lambda: isinstance(page.app.screen, ModalScreen))
            dialogue = page.app.screen
            reached = set()
            for _ in range(2 * len(dialogue.focus_chain) + 1):
                reached.add(page.app.focused)
                await page.press("tab")
            assert reached >= set(dialogue.focus_chain), keys
            while isinstance(page.app.screen, ModalScreen):
                left = page.app.screen
                await page.press("escape")
                if page.app.screen is left:
                    await page.press("escape")
                assert page.app.screen is not left, keys
            assert isinstance(page.app.screen, Dashboard), keys
            assert page.app.focused is before, keys

    drive(everything(), story)


def test_panes_panels_and_search_are_reached_by_keys_in_any_size(drive: Drive) -> None:
    async def reach(page: DashboardPage) -> None:
        panes = page.panes
        reached = set()
        for _ in panes:
            reached.add(page.deck.current)
            await page.press("tab")
        assert reached == set(panes)
        for key in ("d", "slash"):
            await page.press(key)
            assert page.app.focused not in {pane.view for pane in panes}
            await page.press("escape")
            await page.until(lambda: page.app.focused is page.deck.current.view)
            assert not page.open_panels

    async def story(page: DashboardPage) -> None:
        await reach(page)
        await page.resize_terminal(300, 80)
        await reach(page)

    drive(example_workbenches.reloaded(), story, size=(80, 24))


def test_keys_with_nothing_to_act_on_say_so(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("x", "x", "x")
        assert page.notices().count(IDLE["dashboard.close"]) <= 1
        for key in KEYS:
            said = {**IDLE, **NO_RECORDS}.get(key.id)
            if said is not None:
                await page.press(key.keys.partition(",")[0])
                await page.until(lambda said=said: said in page.notices())
        assert isinstance(page.app.screen, Dashboard)

    drive(ScriptedWorkbench(), story)


def test_a_key_that_acts_says_nothing(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "r", "greater_than_sign", "escape")
        assert page.notices() == []

    drive(example_workbenches.live(2, 20), story)


def test_keys_of_a_burst_have_their_effects_in_order(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for turns in (0, 3, 9):
            await page.burst("slash", *"leaving", *["backspace"] * 5, *"vel", turns=turns)
            assert typed(page) == "level"
            await page.burst("escape", "slash", *"info", "enter", "n", "a", *"a path", turns=turns)
            bar = page.dashboard.query_one(SearchBar)
            assert (typed(page), bar.query_one(Input).value) == ("a path", "info")
            await page.burst("escape", "colon", *"12", turns=turns)
            assert typed(page) == "12"
            await page.burst("escape", "colon", "3", "escape", "slash", "4", turns=turns)
            assert typed(page) == "4"
            await page.press("escape")

    drive(everything(), story)


def typed(page: DashboardPage) -> str:
    """What is in the input that has the focus."""
    assert isinstance(page.app.focused, Input)
    return page.app.focused.value
