"""Editing a source beside its panes."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from textual.widgets import TextArea

from engine.builds.diagnostic import Diagnostic
from engine.records.faults import Location
from engine.records.verdicts import Verdict
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench, failed_build
from tui.dashboard.flow.source_file import SourceChangedError, SourceFile, SourceFileError
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.dialogues.question import Question

SOURCE = "#[smartstream(filter)]\nfn f(record: &Record) -> Result<bool> {\n    Ok(true)\n}\n"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "f.rs"
    path.write_text(SOURCE)
    return path


@pytest.fixture
def workbench(source: Path) -> ScriptedWorkbench:
    workbench = ScriptedWorkbench()
    workbench.add("f", lambda _: Verdict.PASS, path=source)
    return workbench


async def opened(page: DashboardPage) -> TextArea:
    """The editor of the first filter's source, with the focus."""
    await page.press("1", "E")
    await page.until(lambda: isinstance(page.app.focused, TextArea))
    assert isinstance(page.app.focused, TextArea)
    return page.app.focused


@pytest.mark.parametrize(("name", "grammar"), [("f.rs", "rust"), ("f.js", None), ("f.ts", None)])
def test_source_is_highlighted_by_its_language(
    drive: Drive, tmp_path: Path, name: str, grammar: str | None
) -> None:
    path = tmp_path / name
    path.write_text(SOURCE)
    workbench = ScriptedWorkbench()
    workbench.add("f", lambda _: Verdict.PASS, path=path)

    async def steps(page: DashboardPage) -> None:
        assert (await opened(page)).language == grammar

    drive(workbench, steps)


async def asked(page: DashboardPage, title: str) -> None:
    await page.until(lambda: isinstance(page.app.screen, Question))
    assert page.dialogue_title() == title


def test_source_is_edited_and_saved_beside_its_panes(
    drive: Drive, workbench: ScriptedWorkbench, source: Path
) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page)
        assert "fn f(record" in page.text() and "1 f" in page.text()
        await page.press(*"//q", "enter")
        await page.until(lambda: "not saved" in page.text())
        await page.press("ctrl+s")
        await page.until(lambda: source.read_text() == "//q\n" + SOURCE)
        await page.until(lambda: "not saved" not in page.text())
        await page.press("escape", "escape")
        await page.until(lambda: "fn f(record" not in page.text())
        assert page.app.focused is page.view

    drive(workbench, story)


def test_new_line_is_indented_as_the_one_before(
    drive: Drive, workbench: ScriptedWorkbench, source: Path
) -> None:
    async def story(page: DashboardPage) -> None:
        text = await opened(page)
        text.move_cursor((2, 12))
        await page.press("enter", *"//a", "ctrl+s")
        await page.until(lambda: source.read_text() == SOURCE.replace("Ok(true)", "Ok(true)\n    //a"))

    drive(workbench, story)


def test_errors_are_marked_at_their_lines(drive: Drive, workbench: ScriptedWorkbench, source: Path) -> None:
    async def story(page: DashboardPage) -> None:
        text = await opened(page)
        place = Location(str(source), 3, 5)
        said = Diagnostic("error", "cannot find value `x`", "E0425", place, "")
        workbench.change(1, build=replace(failed_build("f", said), path=source))
        await page.drawn(workbench)
        await page.until(lambda: "✗ line 3: error[E0425]: cannot find value `x`" in page.text())
        assert "3✗     Ok(true)   ✗ error[E0425]" in page.text()
        await page.press("f8")
        assert text.cursor_location == (2, 4)
        workbench.change(1, build=None)
        await page.drawn(workbench)
        await page.until(lambda: "E0425" not in page.text())

    drive(workbench, story)


def test_editor_opens_at_the_error(drive: Drive, workbench: ScriptedWorkbench, source: Path) -> None:
    said = Diagnostic("error", "no", None, Location(str(source), 3, 5), "")
    workbench.change(1, build=replace(failed_build("f", said), path=source))

    async def story(page: DashboardPage) -> None:
        text = await opened(page)
        assert text.cursor_location == (2, 0)

    drive(workbench, story)


@pytest.mark.parametrize(
    "answer, kept, other",
    [(0, "//m", "theirs"), (1, "theirs", None), (2, "//m", None), (None, "theirs", None)],
)
def test_file_changed_outside_is_not_overwritten_unasked(
    drive: Drive, workbench: ScriptedWorkbench, source: Path, answer: int | None, kept: str, other: str | None
) -> None:
    async def story(page: DashboardPage) -> None:
        text = await opened(page)
        await page.press(*"//m")
        source.write_text("theirs")
        await page.press("ctrl+s")
        await asked(page, "two versions")
        await page.press(*(["escape"] if answer is None else ["down"] * answer + ["enter"]))
        await page.until(lambda: isinstance(page.app.screen, Dashboard))
        await page.until(lambda: source.read_text().startswith(kept))
        assert text.text.startswith("theirs" if answer == 1 else "//m")
        copies = [path.read_text() for path in source.parent.glob("f.rs.other*")]
        assert copies == ([] if other is None else [other])

    drive(workbench, story)


def test_version_of_another_editor_is_shown_if_nothing_is_unsaved(
    drive: Drive, workbench: ScriptedWorkbench, source: Path
) -> None:
    async def story(page: DashboardPage) -> None:
        text = await opened(page)
        source.write_text("theirs\n")
        workbench.change(1, build=replace(failed_build("f"), path=source))
        await page.drawn(workbench)
        await page.until(lambda: text.text == "theirs\n")
        await page.press("x")
        source.write_text("theirs again\n")
        workbench.change(1, build=replace(failed_build("f"), path=source, version=4))
        await page.drawn(workbench)
        assert "was changed by another program" in await page.notice()
        assert text.text == "xtheirs\n"

    drive(workbench, story)


@pytest.mark.parametrize(("way_out", "save"), [("q", True), ("ctrl+c", False)])
def test_leaving_asks_about_unsaved_changes(
    drive: Drive, workbench: ScriptedWorkbench, source: Path, way_out: str, save: bool
) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page)
        await page.press("x", "escape")
        await page.until(lambda: page.app.focused is page.view)
        await page.press(way_out)
        await asked(page, "unsaved changes")
        await page.press("escape")
        await page.until(lambda: isinstance(page.app.screen, Dashboard))
        assert source.read_text() == SOURCE
        await page.press(way_out)
        await asked(page, "unsaved changes")
        await page.press(*([] if save else ["down"]), "enter")
        await page.until(lambda: not page.app.is_running)

    drive(workbench, story)
    assert source.read_text() == ("x" if save else "") + SOURCE


def test_closing_asks_about_unsaved_changes(drive: Drive, workbench: ScriptedWorkbench, source: Path) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page)
        await page.press("x", "escape", "escape")
        await asked(page, "unsaved changes")
        await page.press("enter")
        await page.until(lambda: "fn f(record" not in page.text())
        assert source.read_text() == "x" + SOURCE

    drive(workbench, story)


def test_ctrl_c_copies_what_is_selected(drive: Drive, workbench: ScriptedWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await opened(page)
        await page.press("shift+end", "ctrl+c")
        await page.until(lambda: page.app.clipboard == "#[smartstream(filter)]")
        assert page.app.is_running

    drive(workbench, story)


def test_saving_keeps_links_and_modes(tmp_path: Path, source: Path) -> None:
    source.chmod(0o754)
    link = tmp_path / "link.rs"
    link.symlink_to(source)
    SourceFile(link).save("new")
    assert link.is_symlink() and source.read_text() == "new"
    assert source.stat().st_mode & 0o777 == 0o754


def test_second_copy_does_not_replace_the_first(source: Path) -> None:
    file = SourceFile(source)
    assert [file.set_aside().name for _ in range(3)] == ["f.rs.other", "f.rs.other1", "f.rs.other2"]


def test_deleted_file_counts_as_changed(source: Path) -> None:
    file = SourceFile(source)
    source.unlink()
    with pytest.raises(SourceChangedError):
        file.save("mine")
    file.save("mine", overwrite=True)
    assert source.read_text() == "mine"


@pytest.mark.parametrize(
    "make, reason",
    [
        (lambda path: path.write_bytes(b"\xff"), "not UTF-8"),
        (lambda path: path.write_bytes(b"a\x1b[31m"), "control characters"),
        (lambda path: path.write_bytes(b"a" * (1 << 20) + b"a"), "too large"),
        (os.mkfifo, "not a regular file"),
        (str, "No such file"),
    ],
)
def test_files_that_cannot_be_edited_are_refused(
    tmp_path: Path, make: Callable[[Path], object], reason: str
) -> None:
    path = tmp_path / "f.rs"
    make(path)
    with pytest.raises(SourceFileError, match=reason):
        SourceFile(path)
