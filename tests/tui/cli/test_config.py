"""`config`: where the file is, what is in force, what is wrong with it; and a file to begin with."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_demo import Open, temporary, terminal
from tui.config.file import LARGEST, read_config
from tui.config.settings import SETTINGS, Settings
from tui.config.template import commented
from tui.dashboard.keys.keymap import remap

__all__ = ["temporary", "terminal"]

DOCUMENTATION = Path(__file__).parents[3] / "docs/configuration.md"
NAMES = [setting.name for setting in SETTINGS]
KEYS = [f"keys.{binding.id}" for binding in remap({}).bindings]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    return path


def in_force(here: InProcess, *options: str, status: int = 0) -> dict[str, tuple[Any, str]]:
    outcome = here.run("config", "-O", "json", *options)
    assert outcome.status == status, outcome.err
    return {one["name"]: (one["value"], one["from"]) for one in json.loads(outcome.out)["settings"]}


def test_it_says_where_the_file_is_and_what_is_in_force(
    here: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLUVIO_TUI_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said = here.ok("config").out.decode()
    assert re.match(rf"config file {tmp_path}.*/fluvio-tui/config.toml, which does not exist", said)
    assert re.search(r"^limits.record-time +250ms +default$", said, re.MULTILINE)
    assert re.search(r"^keys.dashboard.pause +space +default$", said, re.MULTILINE)
    assert here.ok("config", "show").out.decode() == said
    assert json.loads(here.ok("config", "show", "-O", "json").out)["exists"] is False


def test_where_each_setting_comes_from(
    here: InProcess, config: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config.write_text(
        'theme = "nord"\n[window]\nrows = 5_000\n[limits]\nmemory = "32 MiB"\nmax-faults = "never"\n'
        '[keys]\n"dashboard.pause" = "f6,f5"\nview.up = "f7"\n'
    )
    found = in_force(here, "--memory", "16MiB")
    assert found["theme"] == ("nord", "config file")
    assert found["window.rows"] == (5000, "config file")
    assert found["window.bytes"] == ("64MiB", "default")
    assert found["limits.memory"] == ("16MiB", "option")
    assert found["limits.max-faults"] == ("never", "config file")
    assert found["keys.dashboard.pause"] == ("f6,f5", "config file")
    assert found["keys.view.up"] == ("f7", "config file")
    assert [*found] == NAMES + KEYS
    monkeypatch.setenv("TEXTUAL_THEME", "dracula")
    assert in_force(here)["theme"] == ("dracula", "TEXTUAL_THEME")


@pytest.mark.parametrize(
    "text, why",
    [
        (b"[limits\n", r"is not TOML: .*at line 1, column 8"),
        (b"[limits]\na = 1\na = 2\n", r"is not TOML: .*at line 3"),
        (b"# good\n\xff\n", r"is not UTF-8 \(at line 2\)"),
        (b"#" * (LARGEST + 1), r"is larger than 1 MiB"),
        (b"[limits]\nmemroy = 1\n", r"limits.memroy is no setting: did you mean limits.memory\?"),
        (b"[limits]\nmemory = true\n", r"limits.memory: give a text or a number; 64MiB is in force"),
        (
            b"[limits]\nrecord-time = 250\n",
            r"limits.record-time: invalid duration '250': use a number and",
        ),
        (b"[limits]\nmax-faults = -1\n", r"limits.max-faults: invalid count '-1'"),
        (b"[window]\nbytes = 0\n", r"window.bytes: invalid size '0'"),
        (b"window = 3\n", r"window is a table: write \[window\]"),
        (b"[keys]\nview.up = 3\n", r"keys.view.up: give keys as text"),
        (b"[keys]\nview.upp = 'f7'\n", r"keys.view.upp: there is no such action: did you mean view.up\?"),
        (b"theme = 'norrd'\n", r"there is no theme 'norrd', so fluvio-dark is in force; did you mean nord\?"),
        (b"x = " + b"[" * 50_000, r"is not TOML"),
    ],
)
def test_a_broken_file_is_told_and_the_defaults_are_in_force(
    here: InProcess, config: Path, text: bytes, why: str
) -> None:
    config.write_bytes(text)
    found = in_force(here, status=1)
    assert {source for _, source in found.values()} == {"default"}
    assert read_config().settings.limits == Settings().limits
    said = here.run("config").err
    assert said.startswith(f"fluvio-tui: {config}")
    assert re.search(why, said)


def test_what_is_right_in_a_file_counts_beside_what_is_wrong(here: InProcess, config: Path) -> None:
    config.write_text('[window]\nrows = 7\nbytes = "x"\n[keys]\nview.up = "f7"\nview.down = "f7"\n')
    found = in_force(here, status=1)
    assert found["window.rows"] == (7, "config file")
    assert found["window.bytes"] == ("64MiB", "default")
    assert found["keys.view.up"] == ("f7", "config file")
    assert found["keys.view.down"] == ("down,j", "default")


def test_a_file_that_is_named_but_not_there_or_not_to_be_read(here: InProcess, config: Path) -> None:
    assert "does not exist, though FLUVIO_TUI_CONFIG names it" in here.run("config").err
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FLUVIO_TUI_CONFIG", "~nobody-of-that-name/x")
        assert "~nobody-of-that-name/x does not exist" in here.run("config").err
    config.mkdir()
    assert "cannot be read: Is a directory" in here.run("config").err


def test_a_file_to_begin_with(here: InProcess, config: Path) -> None:
    config.parent.rmdir()
    assert str(config) in here.ok("config", "init").out.decode()
    assert config.read_text() == commented()
    assert {source for _, source in in_force(here).values()} == {"default"}
    again = here.run("config", "init")
    assert again.status == 1
    assert "exists already" in again.err
    # What it says behind its signs are the defaults of all settings.
    config.write_text(re.sub(r"^# (?=\S+ = )", "", commented(), flags=re.MULTILINE))
    found = in_force(here)
    assert {source for _, source in found.values()} == {"config file"}
    assert [*found] == NAMES + KEYS
    assert read_config().settings.limits == Settings().limits
    assert read_config().settings.window == Settings().window


def test_a_place_where_no_file_can_be_written(here: InProcess, config: Path) -> None:
    config.parent.rmdir()
    config.parent.touch()
    outcome = here.run("config", "init")
    assert outcome.status == 1
    assert "cannot be written" in outcome.err


def test_the_documentation_names_every_setting_and_its_default() -> None:
    text = DOCUMENTATION.read_text()
    for setting in SETTINGS:
        key = setting.name.rpartition(".")[2]
        assert f"| `{key}` | `{json.dumps(setting.written(Settings()))}` |" in text, setting.name
    for binding in remap({}).bindings:
        row = f"| `{binding.id}` | `{binding.key}` |"
        assert row in text, f"add to {DOCUMENTATION.name}: {row} {binding.tooltip or binding.description} |"


def test_the_dashboard_says_what_is_wrong_and_takes_the_rest(
    program: Program, terminal: Open, config: Path
) -> None:
    config.write_text('theme = "norrd"\n[window]\nrows = 2\n[keys]\ndashboard.quit = "f10"\n')
    program.topic("tp1", b"apple", b"pear", b"plum")
    screen = terminal("watch", "tp1")
    text = screen.wait_for("plum")
    assert "config.toml: theme: there is no theme 'norrd'" in text
    assert "pear" in text and "apple" not in text
    screen.type("q")
    screen.type("\x1b[21~")
    assert screen.wait() == 0
    config.write_text("a = 1\nb = 2\nc = 3\nd = 4\n")
    text = terminal("watch", "tp1").wait_for("3 more in it: 'fluvio-tui config' names all")
    assert "a is no setting" in text and "b is no setting" not in text
