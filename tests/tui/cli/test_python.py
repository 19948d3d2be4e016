"""SmartStreams in Python at the command line: new, built, tested, stored and used as those in Rust are."""

from pathlib import Path

from tests.tui.cli.conftest import Program
from tests.tui.cli.test_bad_input import assert_clear

VALUES = (b"an error", b"fine", b'{"status":"error"}', b'{"status":"no error"}', b"{")


def test_filter_is_created_built_stored_and_used(program: Program, python: Path) -> None:
    program.topic("tp1", *VALUES)
    created = program.ok("smartstream", "new", "sf1.py", "--types")
    assert created.out.startswith(b"smartstream.pyi written\nsf1.py written")
    program.ok("smartstream", "build", "sf1.py", "-o", "sf1.wasm")
    program.ok("smartstream", "add", "sf1", "--file", "sf1.wasm")
    program.ok("smartstream", "add", "from_source", "--file", "sf1.py")
    assert b"\n\nPasses errors: JSON with that status" in program.ok("smartstream", "describe", "sf1").out
    stored = program.ok("consume", "tp1", "smartstream", "--use-filter", "sf1", "-B", "-d")
    inline = program.ok("consume", "tp1", "smartstream", "--inline-filter", "sf1.py", "-B", "-d")
    assert stored == inline
    assert stored.out == b'an error\n{"status":"error"}\n'
    assert "sf1.py:14:16: ValueError: not JSON" in stored.err
    (program.cwd / "sf1.py").write_text("def filter(record):\n    return record.\n")
    broken = program.run("smartstream", "build", "sf1.py", "-o", "sf1.wasm")
    assert_clear(broken, "sf1.py:2:", "fluvio-tui: build of sf1.py failed")
    refused = program.run("smartstream", "build", "sf1.py", "-o", "sf1.wasm", "--target", "fluvio")
    assert_clear(refused, "sf1.py cannot be built for fluvio", "write it in Rust")
