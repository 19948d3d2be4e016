"""Standard output and standard error that are closed, or cannot be written."""

import os
from pathlib import Path

import pytest

from tests.tui.cli.conftest import Outcome, Program
from tui.cli.process.failures import end_with

needs_full = pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")


def run(program: Program, redirected: str, *arguments: str) -> Outcome:
    """Run the command line as a shell does with its streams redirected."""
    command = ["sh", "-c", f'exec "$@" {redirected}', "sh", *program.command(*arguments)]
    return program.finish(program.launch(command))


def test_closed_output_is_reported_and_commits_nothing(program: Program) -> None:
    program.topic("logs", b"a", b"b")
    outcome = run(program, ">&-", "consume", "logs", "-B", "-d", "-c", "c1")
    assert outcome.status == 1
    assert outcome.err.splitlines() == [
        "fluvio-tui: standard output is closed",
        "redirect it to a file or /dev/null",
    ]
    assert program.ok("consume", "logs", "-B", "-d", "-c", "c1").out == b"a\nb\n"


def test_closed_standard_error_does_not_stop_the_command(program: Program) -> None:
    program.topic("logs", b"a")
    outcome = run(program, "2>&-", "consume", "logs", "-B", "-n", "1")
    assert (outcome.status, outcome.out) == (0, b"a\n")


def test_closed_streams_never_alias_files(program: Program) -> None:
    assert run(program, "<&- >&- 2>&-", "produce", "logs", "--create").status == 1
    assert run(program, "<&- >&- 2>&-", "topic", "list").status == 1
    written = b"".join(path.read_bytes() for path in program.data.iterdir())
    assert b"fluvio-tui:" not in written


@needs_full
@pytest.mark.parametrize("arguments", [("--version",), ("topic", "list"), ("consume", "logs", "-B", "-d")])
def test_full_disk_behind_output_is_reported(program: Program, arguments: tuple[str, ...]) -> None:
    program.topic("logs", b"a")
    outcome = run(program, "> /dev/full", *arguments)
    assert outcome.status == 1
    first, remedy = outcome.err.splitlines()
    assert first == f"fluvio-tui: cannot write to standard output: {os.strerror(28)}"
    assert "redirect it elsewhere" in remedy


def test_signal_wrapped_in_a_runtime_error_ends_quietly(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as ended:
        try:
            raise RuntimeError("Error calling __set_name__") from SystemExit(130)
        except RuntimeError as error:
            end_with(error)
    assert ended.value.code == 130
    assert capfd.readouterr() == ("", "")
