"""Preparing JavaScript: what is missing, no network, and cancelling."""

import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.builds.interpreted.doctor import checks
from engine.builds.interpreted.preparing import prepare
from engine.builds.javascript import c_compiler
from engine.builds.javascript.quickjs import QuickJs
from engine.errors import BuildError, ContractError
from engine.process.job import Job, SupersededError
from engine.runtime.loading.interpreters import install_interpreter, interpreter_file
from tests.engine.runtime.wat_guests import guest
from tests.waiting import wait_until


@pytest.fixture
def cold(prepared_javascript: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty build cache, on a machine that could prepare JavaScript."""
    cache = tmp_path / "cache"
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(cache))
    return cache


@pytest.fixture
def offline(cold: Path, tmp_path: Path) -> Iterator[dict[str, str]]:
    """An environment in which no registry answers, and nothing was fetched before."""
    with socket.socket() as taken:
        # Bound, and not listening: connections are refused.
        taken.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{taken.getsockname()[1]}"
        yield {
            **os.environ,
            "CARGO_HOME": str(tmp_path / "cargo"),
            "CARGO_HTTP_PROXY": proxy,
            "CARGO_NET_RETRY": "0",
            "https_proxy": proxy,
        }


def test_offline_is_said(offline: dict[str, str]) -> None:
    said: list[str] = []
    with pytest.raises(BuildError, match="JavaScript cannot be prepared offline") as refused:
        prepare(QuickJs(), Job(said.append), offline)
    assert "connect to the network once" in refused.value.remedy
    assert said[0] == "preparing JavaScript, once"
    assert not interpreter_file("javascript").exists()


def test_missing_compiler_is_named(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(c_compiler, "PACKAGE", "ziglang_that_is_not_installed")
    with pytest.raises(BuildError, match="needs a C compiler") as refused:
        prepare(QuickJs(), Job(), os.environ)
    assert refused.value.code == "c-compiler"


def test_cancelling_ends_cargo_and_leaves_no_lock(cold: Path) -> None:
    said: list[str] = []
    job = Job(said.append)
    ended: list[BaseException] = []

    def work() -> None:
        try:
            prepare(QuickJs(), job, os.environ)
        except SupersededError as error:
            ended.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    wait_until(lambda: any("compiling" in line for line in said))
    job.cancel()
    thread.join()
    assert ended
    # Another attempt does not wait for the first one.
    again: list[str] = []
    other = Job(lambda line: (again.append(line), other.cancel())[0])
    with pytest.raises(SupersededError):
        prepare(QuickJs(), other, os.environ)
    assert again[0] == "preparing JavaScript, once"


def test_module_that_is_no_interpreter_is_not_installed(cold: Path) -> None:
    cold.mkdir(mode=0o700)
    with pytest.raises(ContractError, match="does not export smartstream_source"):
        install_interpreter("javascript", guest(), Job())
    assert not interpreter_file("javascript").exists()


def test_doctor_says_what_is_missing(cold: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interpreter, rust, compiler = checks(os.environ, QuickJs())
    assert (interpreter.ok, interpreter.found, interpreter.fixable) == (False, "not built yet", True)
    assert rust.ok
    assert compiler.ok
    missing = [*checks({"PATH": "", "HOME": "/nonexistent", "FLUVIO_TUI_CARGO": "/nonexistent"}, QuickJs())]
    assert "not a program" in missing[1].found
