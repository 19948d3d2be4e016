"""SmartStreams in JavaScript at the command line: new, built, stored and used as those in Rust are."""

from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from tests.tui.cli.conftest import Program
from tests.tui.cli.test_bad_input import assert_clear

VALUES = (b"an error", b"fine", b'{"status":"error"}', b'{"status":"no error"}', b"{")


def test_filter_is_created_built_stored_and_used(program: Program, javascript: Path) -> None:
    program.topic("tp1", *VALUES)
    created = program.ok("smartstream", "new", "sf1.js", "--types")
    assert created.out.startswith(b"smartstream.d.ts written\nsf1.js written")
    program.ok("smartstream", "build", "sf1.js", "-o", "sf1.wasm")
    program.ok("smartstream", "add", "sf1", "--file", "sf1.wasm")
    program.ok("smartstream", "add", "from_source", "--file", "sf1.js")
    assert b"\n\nPasses errors: JSON with that status" in program.ok("smartstream", "describe", "sf1").out
    stored = program.ok("consume", "tp1", "smartstream", "--use-filter", "sf1", "-B", "-d")
    inline = program.ok("consume", "tp1", "smartstream", "--inline-filter", "sf1.js", "-B", "-d")
    assert stored == inline
    assert stored.out == b'an error\n{"status":"error"}\n'
    assert "sf1.js:13:19: SyntaxError" in stored.err
    (program.cwd / "sf1.js").write_text("export function filter(record) {\n  return record.\n}\n")
    broken = program.run("smartstream", "build", "sf1.js", "-o", "sf1.wasm")
    assert_clear(broken, "sf1.js:3:1", "fluvio-tui: build of sf1.js failed")


def test_module_for_fluvio_is_refused(program: Program, javascript: Path) -> None:
    program.ok("smartstream", "new", "sf1.js")
    refused = program.run("smartstream", "build", "sf1.js", "-o", "sf1.wasm", "--target", "fluvio")
    assert_clear(refused, "sf1.js cannot be built for fluvio", "write it in Rust")


def test_stored_script_without_its_interpreter_names_the_remedy(
    program: Program, javascript: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.ok("smartstream", "new", "sf1.js")
    program.ok("smartstream", "add", "sf1", "--file", "sf1.js")
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(program.cwd / "cold"))
    refused = program.run("eval", "--use", "sf1", stdin=b"a\n")
    assert_clear(refused, "JavaScript is not prepared", "doctor --fix --language javascript")
    assert SmartStreamStore(program.data).names() == ["sf1"]
