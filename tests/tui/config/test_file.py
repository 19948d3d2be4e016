"""The config file: what it sets, and what is wrong with it."""

import re
from pathlib import Path

import pytest

from engine.live.window.limits import WindowLimits
from tui.config.content import MAX_BYTES, config_path
from tui.config.file import read_config
from tui.config.settings import SETTINGS, Settings
from tui.config.template import config_template


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (b"[limits\n", r"is not TOML: .*at line 1, column 8.*; using the defaults"),
        (b"[limits]\na = 1\na = 2\n", r"is not TOML: .*at line 3"),
        (b"# good\n\xff\n", r"is not UTF-8 \(at line 2\)"),
        (b"#" * (MAX_BYTES + 1), r"is larger than 1 MiB"),
        (b"[limits]\nmemroy = 1\n", r"unknown setting limits.memroy: did you mean 'limits.memory' or "),
        (b"[limits]\nmemory = true\n", r"limits.memory: use a string or a number; using 64MiB"),
        (b"[limits]\nrecord-time = 250\n", r"limits.record-time: invalid duration '250': use a number and"),
        (b"[limits]\nmax-faults = -1\n", r"limits.max-faults: invalid count '-1'"),
        (b"[window]\nbytes = 0\n", r"window.bytes: invalid size '0'"),
        (b"window = 3\n", r"window is a table: write \[window\]"),
        (b"[keys]\nview.up = 3\n", r"keys.view.up: use a string"),
        (b"[formats]\norders = 1\n", r"formats.orders: use a string, e.g. \"json\"; detecting it"),
        (b"[formats]\norders = 'jsn'\n", r"formats.orders: unknown format 'jsn': did you mean 'json'"),
        (b"[columns]\norders = 1\n", r"columns.orders: use a string, e.g. .*; guessing them"),
        (b"[columns]\norders = 'a..b'\n", r"columns.orders: invalid path 'a..b'"),
        (b"x = " + b"[" * 50_000, r"is not TOML"),
    ],
)
def test_broken_file_is_reported_and_defaults_are_used(path: Path, text: bytes, why: str) -> None:
    path.write_bytes(text)
    config = read_config(path)
    (problem,) = config.problems
    assert problem.startswith(str(path))
    assert re.search(why, problem)
    assert (config.settings, config.given, config.exists) == (Settings(), frozenset(), True)


def test_valid_settings_count_beside_invalid_ones(path: Path) -> None:
    path.write_text('[window]\nrows = 7\nbytes = "x"\n[keys]\nview.up = "f7"\n')
    config = read_config(path)
    assert config.settings == Settings(window=WindowLimits(rows=7), keys={"view.up": "f7"})
    assert config.given == {"window.rows", "keys.view.up"}
    assert len(config.problems) == 1


def test_formats_and_columns_are_named_by_topic(path: Path) -> None:
    path.write_text("[formats]\norders = 'csv:id,city'\na.b = 'json'\n[columns]\norders = 'city:9,time'\n")
    config = read_config(path)
    assert config.settings.formats == {"orders": "csv:id,city", "a.b": "json"}
    assert config.settings.columns == {"orders": "city:9,time"}
    assert config.given == {"formats.orders", "formats.a.b", "columns.orders"}


def test_missing_file_is_a_problem_only_if_it_was_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FLUVIO_TUI_CONFIG", raising=False)
    assert not read_config(path).exists
    assert read_config(path).problems == ()
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    assert read_config().problems == (f"{path} does not exist, though FLUVIO_TUI_CONFIG names it",)
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", "~nobody-of-that-name/x")
    assert config_path() == Path("~nobody-of-that-name/x")


def test_unreadable_file_is_reported(path: Path) -> None:
    path.mkdir()
    assert "cannot be read: Is a directory" in read_config(path).problems[0]


def test_template_sets_nothing_and_uncommented_sets_all_defaults(path: Path) -> None:
    template = config_template([("view.up", "up,k", "Up a record")])
    path.write_text(template)
    assert read_config(path).given == frozenset()
    path.write_text(re.sub(r"^# (?=\S+ = )", "", template, flags=re.MULTILINE))
    config = read_config(path)
    assert config.given == {"keys.view.up", *(setting.name for setting in SETTINGS)}
    assert config.settings == Settings(keys={"view.up": "up,k"})
    assert config.problems == ()


def test_never_and_sizes_read_back(path: Path) -> None:
    path.write_text('[limits]\nmax-faults = "never"\nmemory = "65537"\n')
    settings = read_config(path).settings
    written = {setting.name: setting.written(settings) for setting in SETTINGS}
    assert (written["limits.max-faults"], written["limits.memory"]) == ("never", "65537")
