"""What the keys do."""

import asyncio
import os
import stat
from pathlib import Path

import pytest
from textual.app import App
from textual.command import CommandPalette

from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.run import run
from tui.dashboard.flow import external_editor
from tui.dashboard.keys.palette import commands
from tui.dashboard.present.values.value import ValueFormat, natural_format
from tui.dashboard.screens import inspector
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.panels.error_panel import ErrorPanel
from tui.dashboard.widgets.parts.notice_bar import NoticeBar


def test_rebuild_and_close_need_a_filter(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 20)

    async def story(page: DashboardPage) -> None:
        await page.press("r", "x")
        assert workbench.asked == ["start"]
        assert "Rebuild" not in page.text()
        await page.press("2", "r")
        assert workbench.asked == ["start", "rebuild 2"]
        assert "Rebuild" in page.text()

    drive(workbench, story)


def test_copy_puts_value_into_clipboard(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"one", b"two\xff", b"x" * 100_000)

    async def story(page: DashboardPage) -> None:
        await page.press("y")
        assert page.app.clipboard == ""
        await page.press("up", "up", "y")
        assert page.app.clipboard == "two\\xff"
        notices = page.notices()
        assert notices == [
            "97.7 KiB is too large for the terminal's clipboard",
            "copied the value at offset 1",
        ]

    drive(workbench, story)


def test_inspector_shows_record_and_steps_to_others(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 90)
    workbench.produce(b'{"a":1}', b"\x1b[31mred", keys=[None, b"k\xff"], headers=(("trace", b"\x07id"),))

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        screen = page.text()
        assert isinstance(page.app.screen, Inspector)
        for words in ("91 of partition 0", "2026-03-01 12:00:03.367 UTC", r"k\xff", r"\x07id"):
            assert words in screen
        assert r"\x1b[31mred" in screen
        await page.press("up")
        assert '"a": 1' in page.text()
        assert "none" in page.text()
        await page.press("right")
        assert '{"a":1}' in page.text()
        await page.press("right")
        assert "7b 22 61 22 3a 31 7d" in page.text()
        await page.press("down", "escape")
        assert isinstance(page.app.screen, Dashboard)
        view = page.deck.current.view
        assert (view.cursor, view.following) == (91, False)

    drive(workbench, story)


def test_inspector_shows_fault_and_verdict_after_reload(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 90)
    workbench.produce(b"\xff")

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        screen = page.text()
        assert "! trap" in screen
        assert "filters/has_number.rs:4:42" in screen
        assert "Utf8Error" in screen
        workbench.change(1, evaluate=lambda _: Verdict.PASS, version=4)
        await page.drawn(workbench)
        assert "! trap" not in page.text()

    drive(workbench, story)


def test_inspector_lays_out_record_once(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    workbench = example_workbenches.live(0, 50)
    laid_out: list[bytes] = []

    def counted(value: bytes) -> ValueFormat:
        laid_out.append(value)
        return natural_format(value)

    monkeypatch.setattr(inspector, "natural_format", counted)

    async def story(page: DashboardPage) -> None:
        await page.press("up", "enter")
        for _ in range(5):
            workbench.produce(b"one more")
            await page.drawn(workbench)
        assert len(laid_out) == 1
        await page.press("up")
        assert len(laid_out) == 2

    drive(workbench, story)


def test_inspector_stays_on_record_that_no_longer_passes(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 50)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "up", "up", "enter")
        assert "offset 48" in page.text()
        workbench.change(1, evaluate=lambda _: Verdict.DROP, version=4)
        await page.drawn(workbench)
        assert "offset 48" in page.text()
        assert "· drop" in page.text()
        await page.press("down", "escape")
        assert "nothing passed of 50" in page.text()

    drive(workbench, story)


def test_large_value_opens_at_once(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b'{"x":"' + b"y" * (16 << 20) + b'"}')

    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        await page.press("end")
        assert "more, all of it in hex" in page.text()
        await page.press("right", "end")
        assert "01000000" in page.text()

    drive(workbench, story)


def test_dialogues_open_and_close_and_help_is_found_by_typing(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        dialogues = (
            ("question_mark", Help, "escape"),
            ("question_mark", Help, "enter"),
            ("enter", Inspector, "enter"),
        )
        for key, dialog, closing in dialogues:
            await page.press(key)
            assert isinstance(page.app.screen, dialog)
            await page.press(closing)
            assert isinstance(page.app.screen, Dashboard)
        await page.press("question_mark")
        assert "crashed on it" in page.text(), "signs are beside the keys"
        await page.press(*"builds")
        await page.until(lambda: "Switch to an earlier build" in page.text())
        assert "Pause all panes" not in page.text()
        await page.press("exclamation_mark")
        await page.until(lambda: "nothing found" in page.text())
        await page.press("escape", "question_mark", "question_mark")
        await page.until(lambda: isinstance(page.app.screen, Dashboard))

    drive(example_workbenches.stale(), story)


def test_error_panel_closes_without_problems(drive: Drive) -> None:
    workbench = example_workbenches.stale()
    workbench.change(1, evaluate=example_workbenches.errors_only)

    async def story(page: DashboardPage) -> None:
        assert page.app.screen.query_one(ErrorPanel).display
        workbench.change(2, build=None)
        await page.drawn(workbench)
        assert not page.app.screen.query_one(ErrorPanel).display
        await page.press("m")
        assert isinstance(page.app.screen, Dashboard)

    drive(workbench, story)


def test_palette_lists_possible_actions_once_with_their_keys(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        labels = {command.label for command in commands(page.app.screen)}
        assert {"Pause", "Inspect", "Add", "Help", "Quit", "Theme", "Screenshot"} <= labels
        assert not {"Edit", "Rebuild", "Close"} & labels
        await page.press("2")
        listed = [*commands(page.app.screen)]
        assert {"Edit", "Rebuild", "Close", "Messages"} <= {command.label for command in listed}
        assert len({command.about for command in listed}) == len(listed)
        await page.press("ctrl+p")
        assert isinstance(page.app.screen, CommandPalette)
        await page.press(*"rebuild")
        await page.until(lambda: "r  Build the filter again" in page.text())
        await page.press("enter")
        await page.until(lambda: workbench.asked[-1] == "rebuild 2")

    workbench = example_workbenches.stale()
    drive(workbench, story)


def test_screenshot_is_saved_from_palette(
    drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    async def story(page: DashboardPage) -> None:
        await page.press("ctrl+p", *"screenshot")
        await page.until(lambda: "Save a picture of the screen" in page.text())
        await page.press("enter")
        await page.until(lambda: any("Saved screenshot" in notice for notice in page.notices()))
        (picture,) = tmp_path.glob("*.svg")
        assert "has_number" in picture.read_text()

    drive(example_workbenches.stale(), story)


def test_signs_and_the_way_to_panes_without_a_digit_are_found_on_small_screen(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("question_mark")
        assert "crashed on it" not in page.text()
        await page.press("tab")
        await page.until(lambda: "crashed on it" in page.text())
        await page.press("tab")
        await page.until(lambda: "crashed on it" not in page.text())
        await page.press(*"10")
        await page.until(lambda: "from 10 on, with Next pane" in page.text())

    drive(example_workbenches.stale(), story, size=(80, 24))


def test_empty_topic_names_the_next_steps(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        assert "a adds a filter" in page.text() and "p types one" in page.text()

    drive(ScriptedWorkbench(), story)


def test_escape_hides_notice() -> None:
    async def main() -> None:
        app = FluvioTui(example_workbenches.live(0, 5), notice="the filters are in [/tmp/demo]\x1b")
        async with app.run_test(size=(80, 24)):
            page = DashboardPage(app)
            assert r"the filters are in [/tmp/demo]\x1b" in page.text()
            await page.press("escape")
            assert not app.screen.query_one(NoticeBar).display

    asyncio.run(main())


def test_what_became_of_the_topic_is_shown_once(drive: Drive) -> None:
    workbench = example_workbenches.live(0, 5)

    async def story(page: DashboardPage) -> None:
        assert not page.app.screen.query_one(NoticeBar).display
        workbench.notice = "topic orders was deleted and created again"
        await page.drawn(workbench)
        assert workbench.notice in page.text()
        await page.press("escape")
        await page.produce(workbench, b"new")
        assert workbench.notice not in page.text()

    drive(workbench, story)


@pytest.fixture
def an_editor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An editor that appends to what it is given."""
    path = tmp_path / "my editor"
    path.write_text('#!/bin/sh\necho "$1" >> "$2"\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setenv("EDITOR", f"'{path}' --edited")
    return path


def test_editor_runs_with_its_arguments(an_editor: Path, tmp_path: Path) -> None:
    file = tmp_path / "f.rs"
    external_editor.edit(file)
    assert file.read_text() == "--edited\n"


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("/no/such/editor", "cannot start the editor /no/such/editor: No such file or directory"),
        ("'unclosed", "invalid $EDITOR: 'unclosed"),
    ],
)
def test_editor_errors_name_the_editor(monkeypatch: pytest.MonkeyPatch, wanted: str, message: str) -> None:
    monkeypatch.setenv("EDITOR", wanted)
    with pytest.raises(external_editor.EditorError) as caught:
        external_editor.edit(Path("f.rs"))
    assert caught.value.message == message


@pytest.mark.parametrize(
    "command, files",
    [
        ("vim", ["+5", "f.rs"]),
        ("/usr/bin/nano", ["+5", "f.rs"]),
        ("hx", ["f.rs:5"]),
        ("code", ["-g", "f.rs:5"]),
        ("my-editor", ["f.rs"]),
    ],
)
def test_editor_opens_at_a_line_as_far_as_it_can(command: str, files: list[str]) -> None:
    assert external_editor.at_line(command, Path("f.rs"), 5) == files
    assert external_editor.at_line(command, Path("f.rs"), None) == ["f.rs"]


def test_editor_is_visual_then_editor_then_a_common_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert external_editor.command({"VISUAL": "code -w", "EDITOR": "vi"}) == ["code", "-w"]
    (tmp_path / "vi").touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert external_editor.command({"EDITOR": " "}) == ["vi"]
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(external_editor.EditorError):
        external_editor.command({})


def test_edit_without_terminal_is_explained(drive: Drive, an_editor: Path) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "e")
        notice = await page.notice()
        assert notice == "cannot open an editor in this terminal: E edits here"

    drive(example_workbenches.live(0, 5), story)


def test_exception_reaches_caller_without_traceback(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    workbench = ScriptedWorkbench()

    def broken(*_: object) -> None:
        raise RuntimeError("a mistake")

    monkeypatch.setattr(workbench, "start", broken)
    monkeypatch.setattr(FluvioTui, "run", lambda app: App.run(app, headless=True))
    with pytest.raises(RuntimeError, match="a mistake"):
        run(FluvioTui(workbench))
    assert workbench.asked == ["close"]
    said = capfd.readouterr()
    assert "Traceback" not in said.out + said.err
