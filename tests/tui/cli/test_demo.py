"""The demo and the dashboard from the command line, without a Rust toolchain: filters are not built here."""

import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from engine.builds.rust.paths import examples_folder
from engine.builds.source_archive import SourceArchive
from tests.terminal import Terminal
from tests.tui.cli.conftest import Program
from tui.cli.commands.demo import CONSUMED, FILTERS

Open = Callable[..., Terminal]


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    (tmp_path / "temporary").mkdir()
    return tmp_path / "temporary"


@pytest.fixture
def terminal(program: Program, temporary: Path) -> Iterator[Open]:
    with ExitStack() as stack:

        def start(*arguments: str | Path, script: bool = False, forked: bool = True) -> Terminal:
            environment = {
                **program.environment,
                "TERM": "xterm-256color",
                "TMPDIR": str(temporary),
                "FLUVIO_TUI_CARGO": str(program.cwd / "no-cargo"),
            }
            command = [sys.executable, *arguments] if script else program.command(*arguments)
            forks = None
            if forked and not script:
                command, forks = [str(argument) for argument in arguments], program.forks
            return stack.enter_context(
                Terminal(command, columns=200, env=environment, cwd=program.cwd, forks=forks)
            )

        yield start


def test_demo_shows_a_stream_and_names_its_filters(program: Program, terminal: Open, temporary: Path) -> None:
    screen = terminal("demo", "--rate", "2")
    shown = (" city ", *(Path(name).stem for name in FILTERS), str(program.data / "demo"))
    screen.wait_for(lambda text: all(part in text.replace("\n", "") for part in shown))
    assert len(list(temporary.iterdir())) == 1
    screen.type("q")
    assert screen.wait() == 0
    assert list(temporary.iterdir()) == []
    assert not (program.data / "log.db").exists()
    assert sorted(path.name for path in (program.data / "demo").iterdir()) == sorted(FILTERS)


def test_demo_keeps_edited_filters(program: Program, terminal: Open) -> None:
    folder = program.cwd / "mine"
    folder.mkdir()
    (folder / FILTERS[0]).write_text("mine")
    screen = terminal("demo", "--filters", folder)
    screen.wait_for(f"any editor works: {folder}")
    screen.type("q")
    assert screen.wait() == 0
    assert (folder / FILTERS[0]).read_text() == "mine"
    assert "smartstream" in (folder / FILTERS[1]).read_text()
    assert [path.name for path in program.data.iterdir()] == ["dashboard"], "what is remembered, and no more"


def test_reset_restores_the_demos_filters_and_keeps_yours(program: Program, terminal: Open) -> None:
    folder = program.cwd / "mine"
    folder.mkdir()
    mine = folder / FILTERS[0]
    mine.write_text("mine")
    screen = terminal("demo", "--filters", folder, "--reset")
    screen.wait_for(" city ")
    screen.type("q")
    assert screen.wait() == 0
    assert mine.read_bytes() == (examples_folder() / FILTERS[0]).read_bytes()
    kept = SourceArchive(program.data / "dashboard" / "sources").builds(mine)
    assert "mine" in [build.sources[0].text for build in kept]


def test_first_start_opens_the_lesson_once(program: Program, terminal: Open) -> None:
    first = terminal("demo", "--rate", "2")
    text = first.wait_for(lambda text: "the loop" in text and "any editor works" in text)
    assert "edit the filters in" not in text
    first.type("\x1b")
    first.wait_for(lambda text: "the loop" not in text)
    first.process.kill()
    second = terminal("demo", "--rate", "2")
    text = second.wait_for(f"edit the filters in {program.data / 'demo'}")
    assert "the loop" not in text
    second.type("T")
    second.wait_for("the loop")


def test_demo_of_consumers_opens_one_filter_three_times(terminal: Open) -> None:
    screen = terminal("demo", "--consumers")
    shown = (
        "each consumer has its own rate limit",
        *(f"{number} {Path(CONSUMED).stem}" for number in (1, 2, 3)),
    )
    screen.wait_for(lambda text: all(part in text for part in shown))
    screen.type("q")
    assert screen.wait() == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_signal_ends_the_demo_and_leaves_nothing(
    terminal: Open, temporary: Path, number: signal.Signals
) -> None:
    screen = terminal("demo", "--rate", "2", forked=False)
    screen.wait_for("the loop")
    screen.process.send_signal(number)
    assert screen.wait() == 128 + number
    assert screen.modes == screen.before
    assert list(temporary.iterdir()) == []


def test_next_demo_removes_what_a_killed_one_left(terminal: Open, temporary: Path) -> None:
    killed, running = (terminal("demo", "--rate", "2") for _ in range(2))
    for screen in (killed, running):
        screen.wait_for(" city ")
    killed.process.kill()
    killed.wait()
    assert len(list(temporary.iterdir())) == 2
    (temporary / "fluvio-tui-demo-of-another-user").mkdir()
    following = terminal("demo", "--rate", "2")
    following.wait_for(" city ")
    assert len(list(temporary.iterdir())) == 3
    for screen in (running, following):
        screen.type("q")
        assert screen.wait() == 0
    assert [path.name for path in temporary.iterdir()] == ["fluvio-tui-demo-of-another-user"]


def test_closed_terminal_ends_the_demo_and_leaves_nothing(terminal: Open, temporary: Path) -> None:
    screen = terminal("demo", "--rate", "2")
    screen.wait_for(" city ")
    screen.hang_up()
    assert screen.wait() == 128 + signal.SIGHUP
    assert list(temporary.iterdir()) == []


def test_filters_folder_that_cannot_be_written(program: Program, terminal: Open) -> None:
    (program.cwd / "file").write_text("")
    screen = terminal("demo", "--filters", "file")
    screen.wait_for("choose another folder with --filters DIR")
    assert screen.wait() == 1


def test_watch_reports_problems_before_it_opens(program: Program, terminal: Open) -> None:
    program.topic("logs")
    for arguments, wanted in [
        (["watch", "lgos"], "there is no topic 'lgos'"),
        (["watch", "logs", "-f", "gone.rs"], "filter gone.rs does not exist"),
        (["watch", "logs", "-f", "."], "filter . is a directory"),
    ]:
        screen = terminal(*arguments)
        screen.wait_for(wanted)
        assert screen.wait() == 1


def test_terminal_without_utf8_is_rejected(
    program: Program, terminal: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.topic("logs", b"hello")
    for name, value in {"LC_ALL": "C", "PYTHONUTF8": "0"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("PYTHONIOENCODING", raising=False)
    for arguments in (["demo"], ["watch", "logs"]):
        screen = terminal(*arguments, forked=False)
        screen.wait_for("set LANG to a UTF-8 locale")
        assert screen.wait() == 1
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    screen = terminal("watch", "logs", forked=False)
    screen.wait_for("hello")
    screen.type("q")
    assert screen.wait() == 0


def test_watch_opens_on_the_newest_records(program: Program, terminal: Open) -> None:
    program.topic("logs", b"hello")
    screen = terminal("watch", "logs")
    screen.wait_for("hello")
    screen.type("q")
    assert screen.wait() == 0


@pytest.mark.parametrize("debug", [False, True])
def test_failed_thread_is_reported_after_the_dashboard(
    program: Program, terminal: Open, monkeypatch: pytest.MonkeyPatch, debug: bool
) -> None:
    program.topic("logs", b"hello")
    program.cwd.joinpath("broken.py").write_text(
        "import sys, threading, tui.dashboard.app.app, tui.cli\n"
        "def fail(): raise LookupError('oh no')\n"
        "def on_mount(app):\n"
        "    thread = threading.Thread(target=fail)\n"
        "    thread.start(); thread.join()\n"
        "tui.dashboard.app.app.FluvioTui.on_mount = on_mount\n"
        "sys.argv = ['fluvio-tui', 'watch', 'logs']\n"
        "tui.cli.main()\n"
    )
    monkeypatch.setenv("FLUVIO_TUI_DEBUG", "1" if debug else "")
    screen = terminal("broken.py", script=True)
    screen.wait_for("hello")
    assert b"LookupError" not in screen.raw
    screen.type("q")
    assert screen.wait() == (1 if debug else 70)
    screen.wait_for("LookupError: oh no")
    assert (b"Traceback" in screen.raw) == debug
