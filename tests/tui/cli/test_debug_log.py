"""`--log`: what the program does, in a file."""

import logging
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from tests.terminal import Terminal
from tests.tui.cli.conftest import Program
from tests.tui.cli.test_bad_input import assert_clear
from tests.tui.cli.test_help import every_command
from tui.cli.root import fluvio_tui

LINE = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z [A-Z]+ \[[^]]+\] (engine|tui)[.\w]*: .+")


@pytest.fixture
def logging_as_before(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Logging in this process is as it was after the test."""
    monkeypatch.setattr(logging, "raiseExceptions", logging.raiseExceptions)
    before = {name: logging.getLogger(name).level for name in ("engine", "tui")}
    handlers = list(logging.getLogger().handlers)
    yield
    assert logging.getLogger().handlers == handlers
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def script(program: Program, line: list[str], before: str) -> None:
    """A program of ours that does something else than it should."""
    program.cwd.joinpath("script.py").write_text(
        f"import sys, tui.cli, tui.cli.data_folder\n{before}\nsys.argv = ['fluvio-tui', *{line!r}]\n"
        "tui.cli.main()\n"
    )


@pytest.mark.parametrize("before", [True, False])
def test_log_has_every_step(program: Program, before: bool) -> None:
    log = program.cwd / "log"
    named, line = ["--log", str(log)], ["produce", "logs", "--create"]
    outcome = program.ok(*(named + line if before else line + named), stdin=b"a\nb\n")
    assert outcome.err.startswith("2 records (2 B) acknowledged")
    text = log.read_text()
    assert [line for line in text.splitlines() if not LINE.fullmatch(line)] == []
    for step in (
        "arguments: ['",
        f"opened the log in {program.data}",
        "created topic logs",
        "committed 2 records of 1 appends",
        f"closed the log in {program.data}",
        "ended after",
    ):
        assert step in text
    assert text.index("opened") < text.index("created") < text.index("committed") < text.index("closed")


@pytest.mark.usefixtures("logging_as_before")
def test_last_log_option_is_used_and_appended_to(program: Program) -> None:
    log, other = program.cwd / "log", program.cwd / "other"
    log.write_text("before\n")
    line = ["--log", str(other), "topic", "list", "--log", str(log), "--data", str(program.data)]
    assert CliRunner().invoke(fluvio_tui, line).exit_code == 0
    assert log.read_text().startswith("before\n")
    assert "opened the log" in log.read_text()
    assert not other.exists()


@pytest.mark.usefixtures("logging_as_before")
def test_log_without_a_command(program: Program) -> None:
    log = program.cwd / "log"
    line = ["--data", str(program.data), "--log", str(log)]
    assert "What to type" in CliRunner().invoke(fluvio_tui, line).stdout
    assert "ended after" in log.read_text()


@every_command
def test_every_command_has_the_log_option(path: tuple[str, ...], command: object) -> None:
    outcome = CliRunner().invoke(fluvio_tui, [*path, "--help"])
    assert outcome.output.count("--log FILE") == 1


@pytest.mark.usefixtures("logging_as_before")
@pytest.mark.parametrize("line", [["--log", "{}", "topic", "list"], ["topic", "list", "--log", "{}"]])
def test_log_file_that_cannot_be_opened(program: Program, line: list[str]) -> None:
    for path, why in ((program.cwd / "no/log", "No such file"), (program.cwd, "Is a directory")):
        ran = CliRunner().invoke(fluvio_tui, [word.format(path) for word in line])
        assert ran.exit_code == 1
        assert f"fluvio-tui: cannot open the log file {path}: {why}" in ran.stderr
    assert not program.data.exists()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no device that is always full")
def test_full_disk_does_not_stop_the_command(program: Program) -> None:
    outcome = program.ok("topic", "create", "logs", "--log", "/dev/full")
    assert (outcome.out, outcome.err) == (b"topic logs created\n", "")


def test_expected_failures_are_logged_with_traceback(program: Program) -> None:
    log = program.cwd / "log"
    assert_clear(program.run("consume", "nope", "--log", log), "there is no topic 'nope'")
    text = log.read_text()
    assert "ending: UnknownTopicError" in text
    assert "Traceback" in text
    assert "ended after" in text


def test_bugs_are_logged_with_traceback(program: Program) -> None:
    log = program.cwd / "log"
    script(
        program,
        ["topic", "list", "--log", str(log)],
        "def fail(): raise LookupError('oh no')\ntui.cli.data_folder.data_folder = fail",
    )
    assert_clear(program.python("script.py"), "internal error: LookupError: oh no", status=70)
    assert "LookupError: oh no\n" in log.read_text()
    assert "in fail" in log.read_text()


def test_error_of_a_thread_is_logged(program: Program) -> None:
    log = program.cwd / "log"
    script(
        program,
        ["topic", "list", "--log", str(log)],
        "import threading\n"
        "def fail(): raise LookupError('oh no')\n"
        "def folder():\n"
        "    thread = threading.Thread(target=fail, name='unlucky')\n"
        "    thread.start()\n"
        "    thread.join()\n"
        "    return before()\n"
        "before, tui.cli.data_folder.data_folder = tui.cli.data_folder.data_folder, folder",
    )
    assert program.python("script.py").status == 0
    assert "[unlucky] tui.cli.options.debug_log: thread unlucky ended\nTraceback" in log.read_text()


def test_log_beside_the_dashboard(program: Program) -> None:
    program.topic("logs", b"a")
    (program.cwd / "sf1.rs").write_text("pub fn unused() {}\n")
    log = program.cwd / "log"
    environment = {
        **program.environment,
        "TERM": "xterm-256color",
        "FLUVIO_TUI_CARGO": str(program.cwd / "none"),
    }
    command = program.command("watch", "logs", "-f", "sf1.rs", "--log", log)
    with Terminal(command, columns=200, env=environment, cwd=program.cwd) as terminal:
        terminal.wait_for("sf1.rs does not build")
        terminal.type("q")
        assert terminal.wait() == 0
    text = log.read_text()
    assert f"building {program.cwd / 'sf1.rs'}" in text
    assert re.search(r"sf1\.rs: no Rust toolchain", text)
    assert "textual" not in text
