"""`config`: the settings in use, problems of the config file, and `config init`."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.tui.cli.conftest import InProcess, Program
from tests.tui.cli.test_demo import Open, temporary, terminal
from tui.config.file import read_config
from tui.config.settings import SETTINGS, Settings
from tui.config.template import config_template
from tui.dashboard.keys.keymap import remap

__all__ = ["temporary", "terminal"]

NAMES = [setting.name for setting in SETTINGS]
TEMPLATE = config_template([(one.id or "", one.key, one.description) for one in remap({}).bindings])
KEYS = [f"keys.{binding.id}" for binding in remap({}).bindings]


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "settings" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    monkeypatch.delenv("TEXTUAL_THEME", raising=False)
    return path


def settings_in_use(here: InProcess, *options: str, status: int = 0) -> dict[str, tuple[Any, str]]:
    outcome = here.run("config", "-O", "json", *options)
    assert outcome.status == status, outcome.err
    return {one["name"]: (one["value"], one["from"]) for one in json.loads(outcome.out)["settings"]}


def test_config_shows_the_path_and_the_settings_in_use(
    here: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("FLUVIO_TUI_CONFIG")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    said = here.ok("config").out.decode()
    assert re.match(rf"config file {tmp_path}.*/fluvio-tui/config.toml does not exist", said)
    assert re.search(r"^limits.record-time +250ms +default$", said, re.MULTILINE)
    assert re.search(r"^keys.dashboard.pause +space +default$", said, re.MULTILINE)
    assert here.ok("config", "show").out.decode() == said
    assert json.loads(here.ok("config", "show", "-O", "json").out)["exists"] is False


def test_each_setting_has_a_source(here: InProcess, config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config.write_text(
        'theme = "nord"\n[window]\nrows = 5_000\n[limits]\nmemory = "32 MiB"\nmax-faults = "never"\n'
        "[formats]\norders = 'logfmt'\n[columns]\norders = 'level:5,msg'\n"
        '[keys]\n"dashboard.pause" = "f6,f5"\nview.up = "f7"\n'
    )
    found = settings_in_use(here, "--memory", "16MiB")
    assert found["theme"] == ("nord", "config file")
    assert found["window.rows"] == (5000, "config file")
    assert found["window.bytes"] == ("64MiB", "default")
    assert found["limits.memory"] == ("16MiB", "option")
    assert found["limits.max-faults"] == ("never", "config file")
    assert found["keys.dashboard.pause"] == ("f6,f5", "config file")
    assert found["keys.view.up"] == ("f7", "config file")
    assert found["formats.orders"] == ("logfmt", "config file")
    assert found["columns.orders"] == ("level:5,msg", "config file")
    assert [*found] == [*NAMES, "broker", "formats.orders", "columns.orders", *KEYS]
    monkeypatch.setenv("TEXTUAL_THEME", "dracula")
    assert settings_in_use(here)["theme"] == ("dracula", "TEXTUAL_THEME")


@pytest.mark.parametrize("option", ["--allow-build-scripts", "--overflow"])
def test_only_options_that_are_settings_are_taken(here: InProcess, option: str) -> None:
    outcome = here.run("config", "show", option)
    assert outcome.status == 2
    assert "No such option" in outcome.err and option in outcome.err


@pytest.mark.parametrize(
    "text, why",
    [
        (b"[limits\n", r"is not TOML: .*at line 1, column 8"),
        (b"[keys]\nview.upp = 'f7'\n", r"keys.view.upp: unknown action: did you mean view.up\?"),
        (b"theme = 'norrd'\n", r"unknown theme 'norrd', using fluvio-dark; did you mean nord\?"),
    ],
)
def test_broken_file_is_reported_and_defaults_are_used(
    here: InProcess, config: Path, text: bytes, why: str
) -> None:
    config.write_bytes(text)
    found = settings_in_use(here, status=1)
    assert {source for _, source in found.values()} == {"default"}
    assert read_config().settings.limits == Settings().limits
    said = here.run("config").err
    assert said.startswith(f"fluvio-tui: {config}")
    assert re.search(why, said)


def test_valid_settings_count_beside_invalid_ones(here: InProcess, config: Path) -> None:
    config.write_text('[window]\nrows = 7\nbytes = "x"\n[keys]\nview.up = "f7"\nview.down = "f7"\n')
    found = settings_in_use(here, status=1)
    assert found["window.rows"] == (7, "config file")
    assert found["window.bytes"] == ("64MiB", "default")
    assert found["keys.view.up"] == ("f7", "config file")
    assert found["keys.view.down"] == ("down,j", "default")


def test_init_writes_all_defaults_commented_out(here: InProcess, config: Path) -> None:
    config.parent.rmdir()
    assert str(config) in here.ok("config", "init").out.decode()
    assert config.read_text() == TEMPLATE
    assert {source for _, source in settings_in_use(here).values()} == {"default"}
    again = here.run("config", "init")
    assert again.status == 1
    assert "exists already" in again.err
    # Uncommented, it sets all settings to their defaults.
    config.write_text(re.sub(r"^# (?=\S+ = )", "", TEMPLATE, flags=re.MULTILINE))
    found = settings_in_use(here)
    assert {source for _, source in found.values()} == {"config file"}
    assert [*found] == [*NAMES, "broker", *KEYS]
    assert read_config().settings.limits == Settings().limits
    assert read_config().settings.window == Settings().window


def test_init_reports_where_it_cannot_write(here: InProcess, config: Path) -> None:
    config.parent.rmdir()
    config.parent.touch()
    outcome = here.run("config", "init")
    assert outcome.status == 1
    assert "cannot write" in outcome.err


def test_dashboard_reports_problems_and_uses_the_rest(program: Program, terminal: Open, config: Path) -> None:
    config.write_text('theme = "norrd"\n[window]\nrows = 2\n[keys]\ndashboard.quit = "f10"\n')
    program.topic("tp1", b"apple", b"pear", b"plum")
    screen = terminal("watch", "tp1")
    text = screen.wait_for("plum")
    assert "config.toml: theme: unknown theme 'norrd'" in text
    assert "pear" in text and "apple" not in text
    screen.type("q")
    screen.type("\x1b[21~")
    assert screen.wait() == 0
    config.write_text("a = 1\nb = 2\nc = 3\nd = 4\n")
    text = terminal("watch", "tp1").wait_for("config.toml has 4 problems, 'fluvio-tui config'")
    assert "unknown setting b" not in text
