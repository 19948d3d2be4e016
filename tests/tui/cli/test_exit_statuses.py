"""Every exit status that the guide lists."""

import signal
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from tests.engine.runtime.wat_guests import guest, when
from tests.engine.runtime.wat_makers import INIT, maker
from tests.tui.cli.conftest import InProcess, Program, read_until
from tui.cli.process import exit_statuses
from tui.cli.process.exit_statuses import MEANINGS
from tui.cli.run import consume

GUIDE = Path(__file__).parents[3] / "docs/guide.md"


@pytest.fixture
def failing(program: Program, here: InProcess, compiled_once: None) -> InProcess:
    """A topic, and a stored filter that traps on values which begin with t."""
    program.topic("logs", b"a", b"t")
    add_module(
        SmartStreamStore(program.data), "picky", guest(when("t", "(unreachable)", "(i32.const 1)")), "p"
    )
    return here


def test_guide_has_every_status() -> None:
    rows = "".join(f"| {status} | {meaning} |\n" for status, meaning in MEANINGS.items())
    assert rows in GUIDE.read_text()


def test_success_failure_and_wrong_usage(failing: InProcess) -> None:
    assert failing.run("topic", "list").status == 0
    assert failing.run("consume", "other", "-B").status == exit_statuses.FAILED
    assert failing.run("consume", "logs", "--backwards").status == exit_statuses.WRONG_USAGE


def test_an_init_that_fails(program: Program, here: InProcess) -> None:
    (program.cwd / "init.wasm").write_bytes(maker("map", fields=INIT.format("(i32.const 1)")))
    outcome = program.run("eval", "--module", "init.wasm", stdin=b"a\n")
    assert outcome.status == exit_statuses.CANNOT_START


@pytest.mark.parametrize("options", [[], ["--on-error", "keep"], ["-c", "c1"]])
def test_failed_records_fail_a_command_on_request(failing: InProcess, options: list[str]) -> None:
    line = ("consume", "logs", "--use", "picky", "-B", "-d", *options)
    assert failing.run(*line).status == 0
    if "-c" in options:
        failing.ok("consumer", "delete", "c1")
    outcome = failing.run(*line, "--fail-on-error")
    assert outcome.status == exit_statuses.FAILED_RECORDS
    assert b"a\n" in outcome.out
    assert "1 record " in outcome.err
    clean = ("consume", "logs", "--use", "picky", "-B", "--end", "0", "--fail-on-error")
    assert failing.run(*clean).status == 0


def test_failed_records_fail_eval_and_produce_on_request(failing: InProcess, program: Program) -> None:
    for command in (("eval",), ("produce", "logs")):
        line = (*command, "--use", "picky", "--fail-on-error")
        assert program.run(*line, stdin=b"a\nt\n").status == exit_statuses.FAILED_RECORDS
        assert program.run(*line, stdin=b"a\n").status == 0


def test_a_bug(failing: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise LookupError("oh no")

    monkeypatch.setattr(consume, "print_topic", fail)
    assert failing.run("consume", "logs").status == exit_statuses.INTERNAL_ERROR


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal(failing: InProcess, program: Program, number: signal.Signals) -> None:
    process = program.start("consume", "logs", "--use", "picky", "-B", "--fail-on-error")
    read_until(process.stdout, b"a\n")
    assert program.finish(process, number).status == 128 + number
