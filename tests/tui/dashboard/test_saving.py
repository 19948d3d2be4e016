"""Writing a pane's records to a file."""

import json
import os
import stat
from pathlib import Path

import pytest
from textual.widgets import Input

from engine.live.window.export import SavingError, save_records
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import NOON, ScriptedWorkbench


def test_pane_is_saved_as_json_lines(drive: Drive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    workbench = ScriptedWorkbench()
    workbench.produce(b"17", "Kraków 4".encode(), b"\xff", keys=[None, b"k", None], headers=(("h", b"1"),))
    workbench.add("has_number", example_workbenches.has_number)

    async def story(page: DashboardPage) -> None:
        await page.press("1", "s")
        assert page.app.screen.query_one(Input).value == "orders-has_number.jsonl"
        await page.press("enter")
        notice = await page.notice()
        assert notice == "1 record written to orders-has_number.jsonl"
        await page.press("0", "s", "enter")
        await page.until(lambda: len(page.notices()) == 2)

    drive(workbench, story)
    assert json.loads((tmp_path / "orders-has_number.jsonl").read_text()) == {
        "offset": 1,
        "partition": 0,
        "timestamp": NOON + 37,
        "key": "k",
        "value": "Kraków 4",
        "headers": [{"name": "h", "value": "1"}],
    }
    lines = (tmp_path / "orders.jsonl").read_text().splitlines()
    assert [json.loads(line).get("value") for line in lines] == ["17", "Kraków 4", None]
    assert json.loads(lines[2])["value_base64"] == "/w=="
    assert sorted(path.name for path in tmp_path.iterdir()) == ["orders-has_number.jsonl", "orders.jsonl"]


def test_existing_file_is_replaced_after_second_enter(drive: Drive, tmp_path: Path) -> None:
    (tmp_path / "old").write_text("precious")
    os.mkfifo(tmp_path / "pipe")
    workbench = ScriptedWorkbench()
    workbench.produce(b"new")

    async def story(page: DashboardPage) -> None:
        await page.press("s")
        entry = page.app.screen.query_one(Input)
        for wrong, problem in (
            ("", "type the path of a file"),
            (tmp_path, "this is a folder"),
            (tmp_path / "none" / "x", "no such folder"),
            (tmp_path / "pipe", "not a regular file"),
            ("~nobody-of-that-name/x", "unknown home folder"),
            (tmp_path / "old", "press ⏎ again to replace it"),
        ):
            entry.value = str(wrong)
            await page.press("enter")
            assert problem in page.text()
        await page.press("x", "backspace", "enter")
        assert "press ⏎ again to replace it" in page.text()
        assert (tmp_path / "old").read_text() == "precious"
        await page.press("enter")
        await page.until(lambda: bool(page.notices()))

    drive(workbench, story)
    assert '"value": "new"' in (tmp_path / "old").read_text()


def test_failed_save_keeps_existing_file(tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"new")
    window = workbench.window.snapshot()
    (tmp_path / "old").write_text("precious")
    with pytest.raises(IndexError):
        save_records(tmp_path / "old", map(window.record, [0, 1]))
    with pytest.raises(SavingError) as caught:
        save_records(tmp_path / "none" / "x", [window.record(0)])
    assert caught.value.message == f"{tmp_path / 'none' / 'x'} cannot be written: No such file or directory"
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("old", "precious")]


def test_save_keeps_links_and_usual_permissions(tmp_path: Path) -> None:
    workbench = ScriptedWorkbench()
    workbench.produce(b"new")
    (tmp_path / "link").symlink_to(tmp_path / "target")
    save_records(tmp_path / "link", [workbench.window.snapshot().record(0)])
    (tmp_path / "usual").touch()
    assert (tmp_path / "link").is_symlink()
    modes = [stat.S_IMODE((tmp_path / name).stat().st_mode) for name in ("target", "usual")]
    assert modes[0] == modes[1]
