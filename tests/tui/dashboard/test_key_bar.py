"""The footer: rebuilt only if its keys change."""

from pathlib import Path

import pytest
from textual.widget import Widget
from textual.widgets import TextArea

from engine.live.stats.printed_lines import Line, Printed
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.widgets.parts.key_bar import KeyBar


def keys(page: DashboardPage) -> list[Widget]:
    return list(page.app.screen_stack[0].query_one(KeyBar).query("FooterKey"))


def words(page: DashboardPage) -> list[str]:
    return [str(key.description) for key in keys(page)]  # type: ignore[attr-defined]


def test_footer_follows_pane_and_pause_and_no_dialogue(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        before = keys(page)
        assert before
        await page.press("question_mark")
        await page.pause()
        await page.press("escape")
        await page.pause()
        assert keys(page) == before, "a dialogue leaves it unchanged"
        assert "Edit" not in words(page)
        await page.press("tab")
        await page.until(lambda: "Edit" in words(page))
        await page.press("space")
        await page.until(lambda: "Follow" in words(page) and "Pause" not in words(page))
        await page.press("shift+tab")
        await page.until(lambda: "Edit" not in words(page))

    drive(example_workbenches.live(2, 20), story)


def test_footer_has_no_keys_that_are_typed_into_a_text(drive: Drive, tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    (tmp_path / "sf1.rs").write_text("fn f() {}\n")
    workbench.add("sf1", lambda _: Verdict.PASS, path=tmp_path / "sf1.rs")
    workbench.produce(b"a")

    async def story(page: DashboardPage) -> None:
        assert {"Inspect", "Search"} <= {*words(page)}
        await page.press("slash")
        await page.until(lambda: not {"Inspect", "Search"} & {*words(page)})
        await page.press("escape", "tab", "E")
        await page.until(lambda: isinstance(page.app.focused, TextArea))
        await page.until(lambda: not {"Inspect", "Search"} & {*words(page)})
        await page.press("escape")
        await page.until(lambda: {"Inspect", "Search"} <= {*words(page)})

    drive(workbench, story)


def test_footer_shows_palette_key_on_wide_screen(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for width, there in ((120, True), (80, False)):
            await page.resize_terminal(width, 34)
            await page.until(lambda there=there: ("palette" in words(page)) is there)  # type: ignore[misc]

    drive(example_workbenches.live(2, 20), story, size=(80, 24))


def test_footer_has_whole_keys_and_the_most_important_ones(drive: Drive) -> None:
    workbench = example_workbenches.reloaded()
    workbench.change(3, printed=Printed((Line(1, "first"),), 1))

    def whole(page: DashboardPage, width: int) -> bool:
        footer = page.text().splitlines()[-1].rstrip()
        return len(footer) <= width and all(word in footer for word in words(page))

    async def story(page: DashboardPage) -> None:
        await page.press("3", "space")
        for width in (120, 99, 80, 60, 30):
            await page.resize_terminal(width, 24)
            await page.until(lambda: "Follow" in words(page) and {"Help", "Quit"} <= set(words(page)))
            await page.until(lambda width=width: whole(page, width))  # type: ignore[misc]
            assert words(page)[-2:] == ["Help", "Quit"] or width > 99
            every = {"Inspect", "Edit", "Rebuild", "Close", "Add", "Search", "Diff", "Output"}
            missing = every - set(words(page))
            assert missing == {120: set(), 99: set(), 80: {"Rebuild", "Close"}}.get(width, missing)

    drive(workbench, story, size=(120, 24))


@pytest.mark.parametrize("width", [80, 120])
def test_keys_are_as_wide_as_their_words_from_the_start(drive: Drive, width: int) -> None:
    async def story(page: DashboardPage) -> None:
        bar = page.dashboard.query_one(KeyBar)
        with bar._context():
            made = [*bar.compose()]
        assert [key.classes for key in made] == [key.classes for key in bar.children]

    drive(example_workbenches.live(), story, size=(width, 34))
