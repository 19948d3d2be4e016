"""The dialogue that adds a filter: a stored one, and a new file."""

import os
from pathlib import Path

import pytest
from textual.widgets import Input, OptionList, TextArea

from engine.errors import EngineError
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.dashboard import Dashboard


async def offered(page: DashboardPage, name: str) -> None:
    """Open the dialogue, and wait for the names of stored SmartStreams."""
    await page.press("a")
    lists = page.app.screen.query(OptionList)
    await page.until(lambda: any(option.id == f"@{name}" for listed in lists for option in listed.options))


def test_stored_smartstream_is_chosen_from_list(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The files of a folder are listed, too.
    monkeypatch.chdir(tmp_path)
    workbench = ScriptedWorkbench(names=("careful", "digits", "errors"))

    async def story(page: DashboardPage) -> None:
        await offered(page, "digits")
        await page.press("down", "down", "up", "up", "enter")
        await page.until(lambda: workbench.asked[-1] == "add stored errors")
        await offered(page, "digits")
        await page.press("I", "t", "enter")
        await page.until(lambda: workbench.asked[-1] == "add stored digits")
        await offered(page, "careful")
        await page.press(*"careful", "enter")
        await page.until(lambda: workbench.asked[-1] == "add stored careful")
        await offered(page, "digits")
        await page.click(OptionList, offset=(3, 1))
        await page.until(lambda: workbench.asked[-1] == "add stored digits")
        asked = len(workbench.asked)
        await page.press("a", "escape")
        assert isinstance(page.app.screen, Dashboard)
        assert len(workbench.asked) == asked

    drive(workbench, story)


def test_no_list_without_stored_smartstreams(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(page: DashboardPage) -> None:
        await page.press("a", "down")
        assert "chooses" not in page.dialogue_keys()

    drive(ScriptedWorkbench(), story)


def test_new_file_is_created_and_edited(drive: Drive, tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    path = tmp_path / "mine.rs"

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        entry = page.app.screen.query_one(Input)
        for wrong, problem in (
            (tmp_path / "mine", "a new one ends in .rs, .js"),
            (tmp_path / "none" / "mine.rs", "no such folder"),
        ):
            entry.value = str(wrong)
            await page.press("enter", "enter")
            assert problem in page.text()
        entry.value = str(path)
        await page.press("enter")
        await page.until(lambda: workbench.asked[-1] == f"add {path}")
        await page.until(lambda: isinstance(page.app.focused, TextArea) and len(page.panes) == 2)
        assert "#[smartstream(filter)]" in path.read_text()
        await page.press(*"//x", "ctrl+s")
        await page.until(lambda: path.read_text().startswith("//x"))

    drive(workbench, story)


def test_files_here_and_used_before_are_offered(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, used = tmp_path / "here", tmp_path / "used"
    for folder, names in ((here, ("alpha.rs", "made.wasm", "notes.txt")), (used, ("old.rs", "older.rs"))):
        folder.mkdir()
        for name in names:
            (folder / name).write_text("")
    monkeypatch.chdir(here)
    workbench = ScriptedWorkbench()
    workbench.add("old", lambda _: Verdict.PASS, path=used / "old.rs")

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        listed = page.app.screen.query_one(OptionList)
        shown = [option.id for option in listed.options]
        assert shown == [str(used / "old.rs"), "alpha.rs", "made.wasm", str(used / "older.rs")]
        await page.press(*"older", "enter")
        await page.until(lambda: workbench.asked[-1] == f"add {used / 'older.rs'}")
        await page.press("a", *"made", "enter")
        await page.until(lambda: workbench.asked[-1] == f"add {here / 'made.wasm'}")

    drive(workbench, story)


def test_unwritable_new_file_is_explained(drive: Drive, tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    path = tmp_path / "dangling.rs"
    path.symlink_to(tmp_path / "nowhere" / "x.rs")

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        page.app.screen.query_one(Input).value = str(path)
        await page.press("enter")
        notice = await page.notice()
        assert notice.startswith(f"{path} exists already")
        assert workbench.asked == ["start"]

    drive(workbench, story)


def test_adding_explains_wrong_paths(drive: Drive, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("filters")
    (folder / "mine.rs").write_text("")
    (folder / "notes.txt").write_text("")
    os.mkfifo(folder / "pipe.rs")
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        for path, problem in (
            ("", "type the path of a file"),
            (folder, "this is a folder: name a file in it"),
            (folder / "pipe.rs", "not a regular file, but a pipe or a device"),
            (
                folder / "notes.txt",
                "no filter is in such a file: use one that ends in .rs, .js",
            ),
            ("~nobody-of-that-name/x.rs", "unknown home folder"),
            ("x" * 5000, "invalid path: [Errno 36] File name too long"),
        ):
            entry = page.app.screen.query_one("Input")
            entry.value = str(path)  # type: ignore[attr-defined]
            await page.press("enter")
            assert str(page.app.screen.query_one("#problem").render()).startswith(problem)
        entry.value = str(folder / "mine.rs")
        await page.press("enter")
        await page.until(lambda: len(page.deck.panes) == 2)
        assert workbench.asked[-1] == f"add {folder / 'mine.rs'}"

    drive(workbench, story)


def test_a_path_is_completed(drive: Drive, tmp_path_factory) -> None:
    folder = tmp_path_factory.mktemp("filters")
    (folder / "long_name.rs").write_text("")
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        entry = page.app.screen.query_one("Input")
        entry.value = f"{folder}/lo"  # type: ignore[attr-defined]
        entry.action_end()  # type: ignore[attr-defined]
        await page.until(lambda: "long_name.rs" in page.text())
        await page.press("right", "enter")
        await page.until(lambda: workbench.asked[-1] == f"add {folder / 'long_name.rs'}")

    drive(workbench, story)


def test_a_refused_filter_is_explained(drive: Drive, tmp_path) -> None:
    (tmp_path / "mine.rs").write_text("")
    workbench = ScriptedWorkbench()
    workbench.refuse = EngineError("mine.rs cannot be watched: [no] inotify", "raise the limit")

    async def story(page: DashboardPage) -> None:
        await page.press("a")
        page.app.screen.query_one("Input").value = str(tmp_path / "mine.rs")  # type: ignore[attr-defined]
        await page.press("enter")
        notice = await page.notice()
        assert notice == "mine.rs cannot be watched: [no] inotify\nraise the limit"

    drive(workbench, story)
