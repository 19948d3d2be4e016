"""The command `serve`, before it serves."""

import sys

import pytest

from tests.tui.cli.conftest import InProcess


def test_missing_package_is_named(here: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "tui.cli.run.serve", None)
    outcome = here.run("serve", "demo")
    assert outcome.status == 1
    assert "pip install 'fluvio-tui[serve]'" in outcome.err


@pytest.mark.parametrize(
    "arguments, problem",
    [
        (("watch",), "Missing argument 'TOPIC'"),
        (("watch", "logs", "--nonsense"), "No such option '--nonsense'"),
        (("watch", "logs", "--port", "9000"), "--port is an option of serve: name it before 'watch'"),
        (("produce", "logs"), "'produce' is not one of 'watch', 'demo'"),
        (("--port", "70000", "demo"), "70000 is not in the range"),
    ],
)
def test_arguments_are_checked_first(here: InProcess, arguments: tuple[str, ...], problem: str) -> None:
    outcome = here.run("serve", *arguments)
    assert outcome.status == 2
    assert problem in outcome.err


def test_address_in_use_is_explained(here: InProcess) -> None:
    outcome = here.run("serve", "--host", "192.0.2.1", "--port", "1", "demo")
    assert outcome.status == 1
    assert "cannot listen on 192.0.2.1, port 1" in outcome.err
