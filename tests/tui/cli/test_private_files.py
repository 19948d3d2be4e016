"""What the program keeps is closed to other users whatever the umask; what you name is not touched."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.runtime.wat_guests import guest
from tests.tui.cli.conftest import InProcess
from tui.config.content import CONFIG
from tui.dashboard.app.session_state import Memory, OpenPane

SOURCE = "#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { value.len() > 2 }\n"


@pytest.fixture(autouse=True)
def no_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def open_to_others(*folders: Path) -> list[str]:
    found = [path for folder in folders for path in (folder, *folder.rglob("*"))]
    assert found
    return [str(path) for path in found if not path.is_symlink() and path.stat().st_mode & 0o077]


def test_data_state_and_config_are_closed_to_others(
    here: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(CONFIG, str(tmp_path / "config" / "deep" / "config.toml"))
    (tmp_path / "f.wasm").write_bytes(guest())
    here.ok("topic", "create", "a")
    here.ok("smartstream", "add", "all", "--file", tmp_path / "f.wasm")
    here.ok("config", "init")
    memory = Memory(here.data)
    memory.keep_taught()
    memory.keep_theme("nord")
    memory.keep_panes("a", [OpenPane.of("all")])
    assert (here.data / "dashboard" / "panes" / "a.json").exists()
    assert open_to_others(here.data, tmp_path / "config") == []
    assert (tmp_path / "f.wasm").stat().st_mode & 0o777 == 0o666


@pytest.mark.cargo
def test_the_build_cache_is_closed_to_others(
    here: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = tmp_path / "cache"
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(cache))
    (tmp_path / "f.rs").write_text(SOURCE)
    here.ok("smartstream", "build", tmp_path / "f.rs", "-o", tmp_path / "f.wasm")
    (tmp_path / "f.rs").write_text(f"#![allow(unused)]\n{SOURCE}")  # built as a copy
    here.ok("smartstream", "build", tmp_path / "f.rs", "-o", tmp_path / "f.wasm")
    assert open_to_others(cache) == []
    assert (tmp_path / "f.wasm").stat().st_mode & 0o777 == 0o666
    cache.chmod(0o777)
    outcome = here.run("smartstream", "build", tmp_path / "f.rs", "-o", tmp_path / "f.wasm")
    assert outcome.status == 1
    assert f"other users may write to the folder {cache}" in outcome.err
    assert f"chmod go-w {cache}" in outcome.err


@pytest.mark.parametrize("command", [("topic", "list"), ("smartstream", "list")])
def test_a_data_folder_that_others_may_write_to_is_refused(here: InProcess, command: tuple[str, ...]) -> None:
    here.data.mkdir(0o777)
    outcome = here.run(*command)
    assert outcome.status == 1
    assert f"other users may write to the folder {here.data}" in outcome.err
    assert f"'chmod go-w {here.data}', or choose another folder with --data" in outcome.err
    here.data.chmod(0o755)
    here.ok(*command)
