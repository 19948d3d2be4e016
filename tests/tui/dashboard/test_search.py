"""`/`: typing, finding, going from hit to hit."""

from textual import events
from textual.pilot import Pilot
from textual.widgets import Input

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive, produce, until
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_actions import text_of
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panels.search_bar import SearchBar
from tui.dashboard.widgets.panes.deck import Deck


def fruit() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"apple %d" % n if n % 10 == 3 else b"Pear (%d)" % n for n in range(100)))
    workbench.add("even", lambda value: Verdict.PASS if int(value.strip(b"aplePr ()")) % 2 else Verdict.DROP)
    return workbench


async def search(pilot: Pilot[None], text: str, *, regex: bool = False) -> None:
    await pilot.press("slash")
    if regex:
        await pilot.press("ctrl+r")
    pilot.app.screen.query_one(Input).value = text
    await pilot.pause()
    await pilot.press("enter")


def cursor(pilot: Pilot[None], pane: int = 0) -> int | None:
    return pilot.app.screen.query_one(Deck).panes[pane].view.cursor


def test_going_from_hit_to_hit_round_the_end(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, "APPLE".lower())
        assert "10 records of 100" in text_of(pilot)
        assert cursor(pilot) == 93
        await pilot.press("N")
        assert cursor(pilot) == 83
        await pilot.press("n", "n")
        assert cursor(pilot) == 3
        await pilot.press("N")
        assert cursor(pilot) == 93

    drive(fruit(), story)


def test_a_pane_goes_to_the_hits_that_it_shows(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("1")
        await search(pilot, "5")
        assert cursor(pilot, 1) == 95
        await pilot.press("N")
        assert cursor(pilot, 1) == 85
        await search(pilot, "(8)")
        notices = [notice.message for notice in pilot.app._notifications]
        assert notices == ["nothing here matches"]
        assert cursor(pilot, 1) == 85

    drive(fruit(), story)


def test_a_regular_expression_and_what_is_none(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, r"^pear \(7", regex=True)
        assert "10 records of 100" in text_of(pilot)
        await search(pilot, "(")
        assert "that is no regular expression: missing )" in text_of(pilot)
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert "90 records of 100" in text_of(pilot)

    drive(fruit(), story)


def test_what_arrives_is_searched_too(drive: Drive) -> None:
    workbench = fruit()

    async def story(pilot: Pilot[None]) -> None:
        await search(pilot, "apple")
        await produce(pilot, workbench, b"apple 1", b"2")
        assert "11 records of 102" in text_of(pilot)

    drive(workbench, story)


def test_keys_are_text_while_typing_and_escape_forgets(drive: Drive) -> None:
    workbench = fruit()

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("slash", "q", "x", "e")
        assert pilot.app.screen.query_one(Input).value == "qxe"
        assert pilot.app.is_running
        await pilot.press("escape")
        bar = pilot.app.screen.query_one(SearchBar)
        assert (bar.display, bar.search) == (False, None)
        assert isinstance(pilot.app.screen, Dashboard)
        assert pilot.app.focused is pilot.app.screen.query_one(Deck).current.view
        await search(pilot, "apple")
        await pilot.press("escape")
        assert not bar.display
        await pilot.press("n")
        assert bar.search is None

    drive(workbench, story)


def test_what_is_typed_quickly_is_text_too(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        for character in "/qx9l a":
            pilot.app.post_message(events.Key("slash" if character == "/" else character, character))
        entry = pilot.app.screen.query_one(Input)
        await until(pilot, lambda: entry.value == "qx9l a")
        assert len(pilot.app.screen.query_one(Deck).panes) == 2

    drive(fruit(), story)


def test_what_is_typed_quickly_is_searched_for_by_the_enter_behind_it(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        for key, character in (("slash", "/"), ("a", "a"), ("p", "p"), ("enter", "\r")):
            pilot.app.post_message(events.Key(key, character))
        bar = pilot.app.screen.query_one(SearchBar)
        await until(pilot, lambda: not bar.has_focus_within and bar.search is not None)
        assert bar.display and bar.query_one(Input).value == "ap"

    drive(fruit(), story)


def test_a_large_window_is_searched_over_several_frames(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"value %d" % number for number in range(60_000)))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("slash", "9")
        bar = pilot.app.screen.query_one(SearchBar)
        found = bar.search
        assert found is not None
        await until(pilot, lambda: not found.left(workbench.window.snapshot()))
        assert len(found.hits) == sum("9" in str(number) for number in range(60_000))

    drive(workbench, story)
