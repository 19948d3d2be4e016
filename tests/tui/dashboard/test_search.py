"""`/`: typing, finding, going from match to match."""

import asyncio

from textual import events
from textual.widgets import Input

from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panels.search_bar import SearchBar


def fruit() -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"apple %d" % n if n % 10 == 3 else b"Pear (%d)" % n for n in range(100)))
    workbench.add("even", lambda value: Verdict.PASS if int(value.strip(b"aplePr ()")) % 2 else Verdict.DROP)
    return workbench


async def search(page: DashboardPage, text: str, *, regex: bool = False) -> None:
    await page.press("slash")
    if regex:
        await page.press("ctrl+r")
    page.app.screen.query_one(Input).value = text
    await page.pause()
    await page.press("enter")


def cursor(page: DashboardPage, pane: int = 0) -> int | None:
    return page.deck.panes[pane].view.cursor


def test_what_is_typed_is_seen_whole_beside_the_hints(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("slash", "ctrl+r")
        page.app.screen.query_one(Input).value = "apple|Pear|8"
        await page.until(lambda: "100 records of 100" in page.text())
        assert "regex / apple|Pear|8 " in page.text()
        assert "⏎ searches · ^r text or regex \n" in page.text(), "as a whole, and no part of the rest"

    drive(fruit(), story, (80, 24))


def test_next_and_previous_match_wrap_around(drive: Drive) -> None:
    workbench = fruit()

    async def story(page: DashboardPage) -> None:
        await search(page, "APPLE".lower())
        assert "hit 10 of 10" in page.text()
        assert cursor(page) == 93
        await page.press("N")
        assert cursor(page) == 83
        assert "hit 9 of 10" in page.text()
        await page.press("n", "n")
        assert cursor(page) == 3
        assert "hit 1 of 10 · back at the oldest  " in page.text()
        await page.press("N")
        assert cursor(page) == 93
        assert "hit 10 of 10 · back at the newest  " in page.text()
        await page.press("N", "n")
        assert "hit 10 of 10  " in page.text()
        await page.produce(workbench, b"apple 1", b"2")
        await page.press("end")
        await page.until(lambda: "11 records of 102" in page.text())

    drive(workbench, story)


def test_matches_outside_the_pane_are_skipped(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1")
        await search(page, "5")
        assert cursor(page, 1) == 95
        await page.press("N")
        assert cursor(page, 1) == 85
        await search(page, "(8)")
        notices = page.notices()
        assert notices == ["no match in this pane"]
        assert cursor(page, 1) == 85

    drive(fruit(), story)


def test_only_hits_are_shown_and_hits_are_in_view(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    head = "12:00:00 a-machine-with-a-name-that-leaves-no-room-for-what-comes-after-it"
    workbench.produce(*(f"{head} {'failed' if n % 7 == 3 else 'fine'} {n}".encode() for n in range(50)))
    workbench.add("all", lambda _: Verdict.PASS)

    async def story(page: DashboardPage) -> None:
        await page.press("ampersand")
        assert await page.notice() == "nothing is searched for"
        await search(page, "failed")
        await page.until(lambda: "hit 7 of 7" in page.text())
        rows = [line for line in page.text().splitlines() if "failed" in line][:-1]
        assert rows
        assert all("»" in row and "…" in row for row in rows)
        await page.press("ampersand")
        for pane in page.panes:
            assert list(pane.view.rows) == [*range(3, 50, 7)]
        assert "only hits" in page.text()
        await page.press("N")
        assert cursor(page) == 38
        await page.press("end")
        await page.produce(workbench, b"fine", b"failed again")
        await page.until(lambda: 51 in page.view.rows)
        assert len(page.view.rows) == 8
        await page.press("escape")
        assert len(page.view.rows) == 52

    drive(workbench, story, (80, 24))


def test_notices_leave_the_search_bar_free() -> None:
    def all_in_view(shown: str) -> bool:
        *_, bar, _ = shown.splitlines()
        parts = ("no such text ", " 0 records of 100  ", " · esc closes ")
        return "no match in this pane" in shown and "● live v1" in shown and all(one in bar for one in parts)

    async def main() -> None:
        app = FluvioTui(fruit())
        async with app.run_test(size=(80, 24), notifications=True):
            page = DashboardPage(app)
            await search(page, "no such text")
            await page.until(lambda: all_in_view(page.text()))

    asyncio.run(main())


def test_regular_expressions_and_panes_without_hits(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await search(page, r"^pear \(7", regex=True)
        assert "hit 10 of 10" in page.text()
        await search(page, "(")
        assert "invalid regular expression: missing )" in page.text()
        await page.press("ctrl+r")
        await page.until(lambda: "of 90" in page.text())
        await page.press("escape")
        await search(page, "no such record")
        await page.press("ampersand")
        assert [list(pane.view.rows) for pane in page.panes] == [[]] * len(page.panes)
        shown = page.text()
        assert shown.count("no hits") == len(page.panes), "only hits are shown"
        assert "no records yet" not in shown and "nothing passed" not in shown

    drive(fruit(), story)


def test_keys_are_text_while_typing_until_escape(drive: Drive) -> None:
    workbench = fruit()

    async def story(page: DashboardPage) -> None:
        await page.press("slash", "q", "x", "e")
        assert page.app.screen.query_one(Input).value == "qxe"
        assert page.app.is_running
        await page.press("escape")
        bar = page.app.screen.query_one(SearchBar)
        assert (bar.display, bar.search) == (False, None)
        assert isinstance(page.app.screen, Dashboard)
        assert page.app.focused is page.deck.current.view
        await search(page, "apple")
        await page.press("escape")
        assert not bar.display
        await page.press("n")
        assert bar.search is None

    drive(workbench, story)


def test_fast_typing_is_text_and_enter_after_it_searches(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for character in "/qx9l a":
            page.app.post_message(events.Key("slash" if character == "/" else character, character))
        entry = page.app.screen.query_one(Input)
        await page.until(lambda: entry.value == "qx9l a")
        assert len(page.deck.panes) == 2
        await page.press("escape")
        for key, character in (("slash", "/"), ("a", "a"), ("p", "p"), ("enter", "\r")):
            page.app.post_message(events.Key(key, character))
        bar = page.app.screen.query_one(SearchBar)
        await page.until(lambda: not bar.has_focus_within and bar.search is not None)
        assert bar.display and bar.query_one(Input).value == "ap"

    drive(fruit(), story)


def test_a_large_window_is_searched_over_several_frames(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(*(b"value %d" % number for number in range(60_000)))

    async def story(page: DashboardPage) -> None:
        await page.press("slash", "9")
        bar = page.app.screen.query_one(SearchBar)
        found = bar.search
        assert found is not None
        await page.until(lambda: not found.left(workbench.window.snapshot()))
        assert len(found.hits) == sum("9" in str(number) for number in range(60_000))

    drive(workbench, story)
