"""What commands say while something is built for minutes."""

from pathlib import Path

import pytest

from tui.cli.output.build_reports import LOGGED_SECONDS, BuildProgress

PATH = Path("/f.py")


def test_log_gets_steps_of_what_takes_long(capsys: pytest.CaptureFixture[str]) -> None:
    now = [0.0]
    progress = BuildProgress(lambda: now[0])
    progress.say(PATH, "preparing Python, once: compiling libc")
    now[0] = LOGGED_SECONDS
    progress.say(PATH, "waiting for 2 other builds")
    progress.say(PATH, "")
    progress.say(PATH, "preparing Python, once: compiling rustpython-vm")
    progress.say(PATH, "preparing Python, once: compiling itoa")
    now[0] = 2 * LOGGED_SECONDS
    progress.say(PATH, "preparing Python, once: compiling rustpython-stdlib")
    assert capsys.readouterr().err.splitlines() == [
        "fluvio-tui: build of f.py: preparing Python, once: compiling rustpython-vm",
        "fluvio-tui: build of f.py: preparing Python, once: compiling rustpython-stdlib",
    ]


def test_terminal_gets_all(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    progress = BuildProgress()
    for doing in ("waiting for 2 other builds", "", "preparing Python, once: compiling libc"):
        progress.say(PATH, doing)
    assert len(capsys.readouterr().err.splitlines()) == 2
