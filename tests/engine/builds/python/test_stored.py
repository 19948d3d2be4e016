"""Stored sources in Python, and what is needed to prepare the language."""

import os
from pathlib import Path

import pytest

from engine.broker.module_description import describe_module
from engine.builds.interpreted.doctor import checks
from engine.builds.python.rustpython import RustPython
from engine.errors import SmartStreamError
from engine.records.batch import Batch, record_batch
from engine.runtime.chain import Chain
from engine.runtime.loading.scripts import Script
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.python.conftest import Build

LONG = "def filter(record): return len(record.value) > 1"


def test_module_is_the_source_and_says_its_kind(build_file: Build) -> None:
    build = build_file(LONG)
    assert build.wasm is not None
    assert len(build.wasm) < 2 * len(LONG) + len(str(build.path)) + 100
    described = describe_module("sf1", build.wasm, 0)
    assert (described.kind, described.problem) == ("filter", "")


def test_unprepared_language_names_itself(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    script = Script(language="python", functions=("filter",), name="sf1.py", text=LONG)
    with pytest.raises(SmartStreamError, match=r"Python \(RustPython\) is not prepared") as refused:
        SmartStream(script.module, name="stored")
    assert (refused.value.code, refused.value.subject) == ("unprepared", "python")
    interpreter, rust = checks(os.environ, RustPython())
    assert (interpreter.ok, interpreter.found, interpreter.fixable) == (False, "not built yet", True)
    assert rust.name == "Rust for Python (RustPython)"


def test_doctor_says_what_is_there(python: Path) -> None:
    [check] = checks(os.environ, RustPython())
    assert check.ok
    assert str(python) in check.found


def test_chain_of_sources_of_its_own(build_file: Build) -> None:
    first = build_file("def filter_map(r): return r.value + '!' if 'a' in r.value else None").wasm
    second = build_file("def map(r): return r.value.upper()", "sf2.py").wasm
    assert first is not None
    assert second is not None
    records = record_batch([b"a", b"b"])
    chain = Chain([SmartStream(first), SmartStream(second)])
    made = chain.evaluate(Batch.consecutive(0, 0, records))
    chain.close()
    assert made.outputs.records(records).column("value").to_pylist() == [b"A!"]
