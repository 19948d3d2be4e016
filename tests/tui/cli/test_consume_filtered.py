"""`consume` with inline filters, built by real cargo."""

import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from tests.processes import processes
from tests.tui.cli.conftest import Program, read_until

pytestmark = pytest.mark.cargo

EXAMPLES = Path(__file__).parents[3] / "filters/examples"
HAS_NUMBER = EXAMPLES / "has_number.rs"


@pytest.fixture(autouse=True)
def cached(build_cache: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))


@pytest.fixture
def topic(program: Program) -> Program:
    program.topic("tp1", b"one", b"2", b"", b"three 3")
    return program


def source(program: Program, text: str) -> Path:
    path = program.cwd / "sf1.rs"
    path.write_text(text)
    return path


def test_announced_command_works(topic: Program) -> None:
    source(topic, HAS_NUMBER.read_text())
    process = topic.start("consume", "tp1", "smartstream", "--inline-filter", "sf1.rs")
    read_until(process.stderr, b"consuming topic tp1 from now on, through sf1.rs\n")
    topic.append("tp1", b"4", b"five")
    assert read_until(process.stdout, b"five\n") == b"five\n"
    assert topic.finish(process, signal.SIGTERM).err == ""


@pytest.mark.parametrize("line", [["smartstream", "--inline-filter"], ["--inline-filter"]])
def test_only_passed_records_are_printed(topic: Program, line: list[str]) -> None:
    outcome = topic.ok("consume", "tp1", *line, HAS_NUMBER, "-B", "-d")
    assert (outcome.out, outcome.err) == (b"one\nthree 3\n", "")


def test_json_keeps_offsets(topic: Program) -> None:
    outcome = topic.ok("consume", "tp1", "--inline-filter", HAS_NUMBER, "-B", "-d", "-O", "json")
    offsets = [line.split(b",")[0] for line in outcome.out.splitlines()]
    assert offsets == [b'{"offset": 0', b'{"offset": 3']


def test_records_that_arrive_during_the_build_are_consumed(
    topic: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path / "cold"))
    process = topic.start("consume", "tp1", "--inline-filter", HAS_NUMBER)
    while not (tmp_path / "cold").exists():
        assert process.poll() is None
    topic.append("tp1", b"meanwhile")
    assert read_until(process.stdout, b"meanwhile\n") == b"meanwhile\n"


def test_faults_affect_only_their_records(program: Program) -> None:
    program.topic("tp1", b"pass", b"\xff", b"err", b"end 1", b"\xfe", b"err", b"last")
    source(
        program,
        """
        #[smartstream(filter)]
        pub fn picky(value: &[u8]) -> Result<bool> {
            let text = str::from_utf8(value).unwrap();
            println!("saw \\x1b]0;{}", text);
            if text == "err" { return Err("no such\\x1b[2J thing".into()); }
            Ok(!text.starts_with("end"))
        }
        """,
    )
    outcome = program.ok("consume", "tp1", "--inline-filter", "sf1.rs", "-B", "-d")
    assert outcome.out == b"pass\nlast\n"
    lines = outcome.err.splitlines()
    assert r"0: saw \x1b]0;pass" in lines
    (trap,) = [line for line in lines if line.startswith("fluvio-tui: trap on offset 1")]
    assert "sf1.rs:4:" in trap
    (error,) = [line for line in lines if line.startswith("fluvio-tui: error on offset 2")]
    assert r"no such\x1b[2J thing" in error
    assert lines[-1].endswith("4 records left out because a SmartStream failed on them: 2 errors, 2 traps")

    ended = program.run("consume", "tp1", "--inline-filter", "sf1.rs", "--start", "2", "--on-error", "stop")
    assert (ended.status, ended.out) == (1, b"")
    assert ended.err.splitlines()[-2:] == [
        r"2: saw \x1b]0;err",
        r"fluvio-tui: stopped at the SmartStream's error on offset 2 of partition 0: no such\x1b[2J thing",
    ]


def test_failed_build_shows_diagnostics(topic: Program) -> None:
    error = 'compile_error!("no\\x1b]0;title\\x07");\n'
    source(topic, HAS_NUMBER.read_text().replace("is_numeric", "is_numericc") + error)
    outcome = topic.run("consume", "tp1", "smartstream", "--inline-filter", "sf1.rs", "-B", "-d")
    assert outcome.status == 1
    assert outcome.out == b""
    assert "is_numericc" in outcome.err
    assert "sf1.rs:5:" in outcome.err
    assert "\x1b" not in outcome.err
    # Newer versions of rustc draw pictures of them themselves.
    assert re.search(r"error: no(\\x1b|␛)\]0;title(\\x07|␇)", outcome.err)
    assert outcome.err.splitlines()[-1] == "fluvio-tui: build of sf1.rs failed"


def test_diagnostics_keep_colors_on_a_terminal(topic: Program) -> None:
    source(topic, "fn broken(")
    master, terminal = os.openpty()
    try:
        process = subprocess.run(
            topic.command("consume", "tp1", "--inline-filter", "sf1.rs"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=terminal,
            env=topic.environment,
            cwd=topic.cwd,
            timeout=60,
        )
        assert process.returncode == 1
        assert b"\x1b[" in os.read(master, 1 << 16)
    finally:
        os.close(master)
        os.close(terminal)


def containing(text: str) -> str:
    return f'#[smartstream(filter)] fn f(value: &[u8]) -> bool {{ value.starts_with(b"{text}") }}'


def test_watched_filter_is_rebuilt_at_every_save(program: Program) -> None:
    program.topic("tp1", b"a 1", b"b 1")
    source(program, containing("a") + "}")
    process = program.start("consume", "tp1", "-B", "--inline-filter", "sf1.rs", "--watch")
    error = read_until(process.stderr, b"build of sf1.rs failed; waiting for the next save\n")
    assert b"unexpected closing delimiter" in error
    source(program, containing("a"))
    assert re.search(
        rb"switched to version 2 of sf1\.rs [\d,]+ ms", read_until(process.stderr, b"after the save")
    )
    assert read_until(process.stdout, b"\n") == b"a 1\n"

    source(program, containing("b"))
    read_until(process.stderr, b"switched to version 3")
    program.append("tp1", b"a 2", b"b 2")
    assert read_until(process.stdout, b"\n") == b"b 2\n"

    source(program, containing("c") + "}")
    read_until(process.stderr, b"build of sf1.rs failed; version 3 keeps running\n")
    program.append("tp1", b"c 3", b"b 3")
    assert read_until(process.stdout, b"\n") == b"b 3\n"
    assert program.finish(process, signal.SIGTERM).status == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_during_the_build_leaves_nothing_behind(
    topic: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    cold = tmp_path / "cold"
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(cold))
    process = topic.start("consume", "tp1", "--inline-filter", HAS_NUMBER)
    while not builders(cold):
        assert process.poll() is None
    outcome = topic.finish(process, number)
    assert (outcome.status, outcome.err) == (128 + number, "")
    assert builders(cold) == []


def builders(cache: Path) -> list[str]:
    """The processes, but for the program itself, that have to do with a build cache."""
    return [process.command for process in processes() if str(cache) in process.command]
