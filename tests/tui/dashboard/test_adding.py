"""The dialogue that adds a filter: a stored one, and a file that is yet to be written."""

from pathlib import Path

from textual.pilot import Pilot
from textual.widgets import Input, OptionList

from tests.tui.dashboard.conftest import Drive, until
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.tui.dashboard.test_actions import text_of
from tui.dashboard.screens.dashboard import Dashboard


def test_a_stored_smartstream_is_chosen_from_a_list(drive: Drive) -> None:
    workbench = ScriptedWorkbench(names=("careful", "digits", "errors"))

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("a", "down", "down", "up", "up", "enter")
        await until(pilot, lambda: workbench.asked[-1] == "add stored errors")
        await pilot.press("a", "I", "t", "down", "enter")
        await until(pilot, lambda: workbench.asked[-1] == "add stored digits")
        await pilot.press("a", *"careful", "enter")
        await until(pilot, lambda: workbench.asked[-1] == "add stored careful")
        await pilot.press("a")
        await pilot.click(OptionList, offset=(3, 1))
        await until(pilot, lambda: workbench.asked[-1] == "add stored digits")
        asked = len(workbench.asked)
        await pilot.press("a", "escape")
        assert isinstance(pilot.app.screen, Dashboard)
        assert len(workbench.asked) == asked

    drive(workbench, story)


def test_where_none_is_stored_there_is_no_list(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("a", "down")
        assert "stored" not in text_of(pilot)

    drive(ScriptedWorkbench(), story)


def test_a_new_file_is_written_when_asked_for_twice(drive: Drive, tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    path = tmp_path / "mine.rs"

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("a")
        entry = pilot.app.screen.query_one(Input)
        for wrong, problem in (
            (tmp_path / "mine", "the name of a new one has to end in .rs"),
            (tmp_path / "none" / "mine.rs", "there is no such folder"),
        ):
            entry.value = str(wrong)
            await pilot.press("enter", "enter")
            assert problem in text_of(pilot)
        entry.value = str(path)
        await pilot.press("enter")
        assert "⏎ again writes one to begin with" in text_of(pilot)
        assert not path.exists()
        await pilot.press("enter")
        await until(pilot, lambda: workbench.asked[-1] == f"add {path}")
        assert "#[smartstream(filter)]" in path.read_text()

    drive(workbench, story)


def test_a_new_file_that_cannot_be_written_is_explained(drive: Drive, tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    path = tmp_path / "dangling.rs"
    path.symlink_to(tmp_path / "nowhere" / "x.rs")

    async def story(pilot: Pilot[None]) -> None:
        await pilot.press("a")
        pilot.app.screen.query_one(Input).value = str(path)
        await pilot.press("enter", "enter")
        await until(pilot, lambda: bool(pilot.app._notifications))
        (notice,) = pilot.app._notifications
        assert notice.message.startswith(f"{path} exists already")
        assert workbench.asked == ["start"]

    drive(workbench, story)
