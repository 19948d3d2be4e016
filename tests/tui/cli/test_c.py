"""The example in C: compiled by its own build command, stored, and used."""

import subprocess

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.builds.rust.paths import sdk_folder
from engine.library.modules import open_module
from engine.records.verdicts import Verdict
from tests.engine.runtime.wat_guests import batch
from tests.tui.cli.conftest import Program

pytestmark = pytest.mark.clang

SOURCE = sdk_folder().parent / "c/above.c"


def compile_example(program: Program) -> None:
    (program.cwd / SOURCE.name).write_bytes(SOURCE.read_bytes())
    (command,) = (line.split()[1:] for line in SOURCE.read_text().splitlines() if "clang --target" in line)
    compiled = subprocess.run(
        [*command, "-Wall", "-Wextra", "-Werror"], cwd=program.cwd, capture_output=True, text=True, timeout=60
    )
    assert compiled.returncode == 0, compiled.stderr


def test_c_example_is_compiled_stored_and_used(program: Program) -> None:
    compile_example(program)
    program.topic("tp1", b"99", b"100", b"101", b"", b"many", b"99999999999", b"4294967297")
    program.ok("smartstream", "add", "above", "--file", "above.wasm")
    outcome = program.ok("consume", "tp1", "smartstream", "--use-filter", "above", "-B", "-d")
    assert outcome.out == b"101\n99999999999\n4294967297\n"
    assert "error on offset 3 of partition 0: this is empty" in outcome.err
    assert "2 errors" in outcome.err
    # More errors than the message area has room for, and more values than the memory that it began with.
    values = [f"no number but {number:0200}".encode() for number in range(20_000)]
    with open_module(SmartStreamStore(program.data), "above") as stream:
        evaluated = stream.evaluate(batch([*values, b"101"]))
    assert evaluated.verdicts.tolist() == [Verdict.ERROR] * len(values) + [Verdict.PASS]
    assert {fault.message for fault in evaluated.faults} == {"this is not a whole number"}
    assert len(evaluated.faults) == len(values)
