import os
import sqlite3
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.tui.cli.conftest import InProcess, Outcome, Program
from tui.cli.root import fluvio_tui

FILTER = "pub fn unused() {}\n"


def assert_clear(outcome: Outcome, *wanted: str, status: int = 1) -> None:
    """A line that says what is wrong, a line that says what to do, and never a traceback."""
    assert outcome.status == status, outcome
    assert outcome.out == b""
    assert "Traceback" not in outcome.err
    for words in wanted:
        assert words in outcome.err, outcome.err


@pytest.mark.parametrize("line", [["consume", "lgos"], ["produce", "lgos"]])
def test_an_unknown_topic(program: Program, line: list[str]) -> None:
    program.topic("logs")
    assert_clear(program.run(*line), "fluvio-tui: ", "lgos", "logs")
    assert "--create" in program.run("produce", "other").err


@pytest.mark.parametrize("line", [["topic", "create", "no/name"], ["produce", "no/name", "--create"]])
def test_invalid_topic_name(program: Program, line: list[str]) -> None:
    assert_clear(program.run(*line), "a topic cannot be called 'no/name'", "a-z")


def test_data_folder_of_a_newer_version(program: Program, here: InProcess) -> None:
    program.topic("logs", b"a")
    connection = sqlite3.connect(program.data / "log.db")
    connection.execute("PRAGMA user_version = 3")
    connection.close()
    for line in (["topic", "list"], ["consume", "logs", "-B"], ["produce", "logs"]):
        assert_clear(here.run(*line), "was written by another version of fluvio-tui", "or a newer one")


def test_existing_topic_is_not_created_again(program: Program) -> None:
    program.topic("logs")
    assert_clear(program.run("topic", "create", "logs"), "'logs' already exists")


def test_missing_filter_names_the_nearest_file(program: Program, tmp_path: Path) -> None:
    program.topic("logs")
    (tmp_path / "sf1.rs").write_text(FILTER)
    assert_clear(
        program.run("consume", "logs", "smartstream", "--inline-filter", "sf1"),
        "filter sf1 does not exist",
        "did you mean sf1.rs?",
    )


def test_directory_instead_of_a_file(program: Program, tmp_path: Path) -> None:
    program.topic("logs")
    assert_clear(program.run("consume", "logs", "--inline-filter", tmp_path), "filter", "is a directory")
    assert_clear(program.run("produce", "logs", tmp_path), "input file", "is a directory")


def test_pipe_instead_of_a_filter(program: Program, tmp_path: Path) -> None:
    program.topic("logs")
    os.mkfifo(tmp_path / "sf1.rs")
    for line in (
        ["consume", "logs", "--inline-filter", "sf1.rs"],
        ["smartstream", "build", "sf1.rs", "-o", "f"],
    ):
        assert_clear(program.run(*line), "filter sf1.rs is not a regular file", "save it as a file")


def test_missing_input_file_is_reported_before_producing(program: Program, tmp_path: Path) -> None:
    (tmp_path / "there").write_text("a\n")
    outcome = program.run("produce", "logs", "there", "gone", "--create")
    assert_clear(outcome, "input file gone does not exist")
    assert not program.data.exists()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_unreadable_file(program: Program, tmp_path: Path) -> None:
    program.topic("logs")
    for name in ("filter.rs", "input"):
        (tmp_path / name).write_text(FILTER)
        (tmp_path / name).chmod(0)
    assert_clear(program.run("consume", "logs", "--inline-filter", "filter.rs"), "permission denied")
    assert_clear(program.run("produce", "logs", "input"), "permission denied")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_data_folder_without_permission(program: Program, tmp_path: Path) -> None:
    (tmp_path / "locked").mkdir(mode=0o500)
    assert_clear(program.run("topic", "list", "--data", tmp_path / "locked"), "locked", "--data DIR")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="this system has no folder that takes no files")
def test_data_folder_that_cannot_exist(program: Program) -> None:
    outcome = program.run("produce", "logs", "--create", "--data", "/proc/logs")
    assert_clear(outcome, "/proc/logs", "data folder", "--data DIR")


@pytest.mark.parametrize(
    "line", [["topic", "list"], ["consume", "logs"], ["produce", "logs", "--create"], []]
)
def test_file_instead_of_the_data_folder(program: Program, line: list[str]) -> None:
    program.data.write_text("a file")
    outcome = program.run(*line)
    assert_clear(Outcome(outcome.status, b"", outcome.err), str(program.data), "--data DIR")


def test_data_file_that_is_not_a_log(program: Program) -> None:
    program.topic("logs")
    (program.data / "log.db").write_bytes(b"not a database, but long enough to be looked at\n" * 100)
    assert_clear(program.run("consume", "logs", "-B", "-d"), "log.db", "--data DIR")


@pytest.mark.parametrize("line", [["watch", "logs"], ["demo"]])
def test_dashboard_needs_a_terminal(program: Program, line: list[str]) -> None:
    program.topic("logs")
    assert_clear(program.run(*line), "the dashboard needs a terminal", "fluvio-tui consume")


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (["consume", "logs", "--start", "x"], "'x' is not a valid whole number"),
        (["demo", "--rate", "x"], "'x' is not a valid number"),
    ],
)
def test_what_is_no_number_is_called_so(here: InProcess, line: list[str], problem: str) -> None:
    assert_clear(here.run(*line), problem, status=2)


@pytest.mark.parametrize(
    "line",
    [
        ["nonsense"],
        ["consume"],
        ["consume", "a", "b", "c"],
        ["consume", "logs", "-O", "yaml"],
        ["produce", "logs", "--max-record-bytes", "0"],
        ["watch", "logs", "--pace", "0/s"],
        ["watch", "logs", "--format", "jsn"],
        ["watch", "logs", "--columns", "time,a..b"],
        ["watch", "logs", "--format", "regex:\\w+"],
        ["topic", "create"],
    ],
)
def test_wrong_usage(program: Program, line: list[str]) -> None:
    assert_clear(program.run(*line), "Usage: fluvio-tui", status=2)
    assert not program.data.exists()


@pytest.mark.parametrize(
    "line, wanted",
    [
        (["prodcue", "logs"], "Did you mean 'produce'?"),
        (["consmue", "logs"], "Did you mean one of: 'consume', 'consumer'?"),
        (["topic", "lisst"], "Did you mean 'list'?"),
        (["consume", "logs", "--tial", "3"], "Did you mean"),
        (["consume", "logs", "-O", "jsn"], "'json'"),
        (["completion", "bsh"], "'bash'"),
    ],
)
def test_mistyped_word_names_the_nearest(line: list[str], wanted: str) -> None:
    ran = CliRunner().invoke(fluvio_tui, line)
    assert ran.exit_code == 2
    assert wanted in ran.stderr


@pytest.mark.parametrize(
    "line",
    [
        ["consume", "t", "--use-filter", "sfl"],
        ["smartstream", "describe", "sfl"],
        ["smartstream", "remove", "sfl"],
    ],
)
def test_an_unknown_smartstream_names_the_nearest(program: Program, line: list[str]) -> None:
    program.topic("t")
    (program.data / "smartstreams").mkdir()
    (program.data / "smartstreams/sf1.wasm").touch()
    outcome = program.run(*line)
    assert outcome.status == 1
    assert "there is no SmartStream 'sfl'\ndid you mean 'sf1'?" in outcome.err


@pytest.mark.parametrize("verb", ["describe", "delete"])
def test_an_unknown_topic_names_the_nearest(program: Program, verb: str) -> None:
    program.topic("logs")
    assert_clear(program.run("topic", verb, "lgos"), "there is no topic 'lgos'", "did you mean 'logs'?")


def test_bugs_are_one_line_without_debug(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = (
        "import sys, tui.cli, tui.cli.data_folder\n"
        "def fail(): raise LookupError('oh\\nno')\n"
        "tui.cli.data_folder.data_folder = fail\n"
        "sys.argv = ['fluvio-tui', 'topic', 'list']\n"
        "tui.cli.main()\n"
    )
    program.cwd.joinpath("broken.py").write_text(broken)
    outcome = program.python("broken.py")
    assert_clear(outcome, "fluvio-tui: internal error: LookupError: oh no", "FLUVIO_TUI_DEBUG=1", status=70)
    monkeypatch.setenv("FLUVIO_TUI_DEBUG", "1")
    assert "Traceback" in program.python("broken.py").err
