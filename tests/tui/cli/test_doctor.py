import os
import socket
from pathlib import Path

import pytest

from engine.builds.rust.toolchain import find_toolchain
from tests.engine.builds.rust.test_toolchain import Machine
from tests.tui.cli.conftest import Program


@pytest.fixture
def no_toolchain(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CARGO", str(program.cwd / "no-cargo"))


@pytest.fixture(autouse=True)
def cached(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(program.cwd / "cache"))


def test_missing_parts_are_named_with_remedies(program: Program, no_toolchain: None) -> None:
    outcome = program.run("doctor")
    assert outcome.status == 1
    lines = outcome.out.decode().splitlines()
    assert lines[0].split() == ["WHAT", "STATE", "FOUND"]
    assert any(line.startswith("Rust ") and "MISSING" in line for line in lines)
    assert any(line.startswith("textual ") and " ok " in line for line in lines)
    assert "doctor --fix" in lines[-1]
    assert outcome.err == ""


def test_failed_fix_says_why(program: Program, no_toolchain: None) -> None:
    outcome = program.run("doctor", "--fix")
    assert outcome.status == 1
    assert b"MISSING" in outcome.out
    assert "fluvio-tui: no Rust toolchain" in outcome.err
    assert "FLUVIO_TUI_CARGO" in outcome.err


def test_without_a_toolchain_only_filters_fail(program: Program, no_toolchain: None) -> None:
    program.topic("logs", b"a")
    assert program.ok("consume", "logs", "-B", "-d").out == b"a\n"
    (program.cwd / "sf1.rs").write_text("fn main() {}")
    outcome = program.run("consume", "logs", "smartstream", "--inline-filter", "sf1.rs")
    assert outcome.status == 1
    assert "no Rust toolchain" in outcome.err
    assert "doctor --fix" in outcome.err


def test_an_old_toolchain_needs_more_than_doctor(
    program: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine = Machine(tmp_path)
    monkeypatch.setenv("PATH", str(machine.path[0]), prepend=os.pathsep)
    cargo = machine.toolchain(tmp_path / "debian", version="1.63.0")
    monkeypatch.setenv("FLUVIO_TUI_CARGO", str(cargo))
    (program.cwd / "sf1.js").write_text("export const filter = (record) => true;\n")
    needs = f"JavaScript needs Rust 1.82 or later, and {cargo} is 1.63.0"
    remedy = "install a newer Rust with rustup (https://rustup.rs)"
    for command in (("eval", "sf1.js"), ("doctor", "--fix", "--language", "javascript")):
        outcome = program.run(*command)
        assert (outcome.status, outcome.err) == (1, f"fluvio-tui: {needs}\n{remedy}\n")


@pytest.mark.cargo
def test_with_a_toolchain_all_checks_pass(program: Program) -> None:
    toolchain = find_toolchain()
    outcome = program.ok("doctor")
    assert str(toolchain.cargo) in outcome.out.decode()
    assert b"MISSING" not in outcome.out
    assert b"nothing to install" in program.ok("doctor", "--fix").out


def test_the_way_to_a_broker_is_tried(program: Program, no_toolchain: None) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    outcome = program.run("doctor", "--broker", f"kafka://127.0.0.1:{port}")
    assert outcome.status == 1
    lines = [line.split() for line in outcome.out.decode().splitlines()]
    assert ["broker:", "name", "ok", "127.0.0.1"] in lines
    assert any(line[:3] == ["broker:", "port", "FAILED"] for line in lines)
    assert "Traceback" not in outcome.err
    outcome = program.run("doctor", "--broker", "kafka://me:hunter2@h1")
    assert "must not hold a user or password" in outcome.out.decode()
    assert "hunter2" not in outcome.out.decode() + outcome.err
