"""Stored sources: a module holds the text, and says what is missing to run it."""

import os
from pathlib import Path

import pytest
import wasmtime

from engine.broker.module_description import describe_module
from engine.builds.interpreted.doctor import checks
from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.javascript.quickjs import QuickJs
from engine.builds.python.rustpython import RustPython
from engine.errors import SmartStreamError
from engine.records.batch import Batch, record_batch
from engine.runtime.chain import Chain
from engine.runtime.loading.interpreters import interpreter_file
from engine.runtime.loading.scripts import Script
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.interpreted.conftest import Build

INTERPRETERS = {"javascript": QuickJs(), "python": RustPython()}


def test_module_is_the_source_and_says_its_kind(build_file: Build) -> None:
    build = build_file(
        javascript="export function filter(record) { return record.value.length > 1 }",
        python="def filter(record): return len(record.value) > 1",
    )
    assert build.wasm is not None
    wasmtime.Module.validate(wasmtime.Engine(), build.wasm)
    described = describe_module("sf1", build.wasm, 0)
    assert (described.kind, described.problem) == ("filter", "")
    found = Script.of_module(build.wasm)
    assert found is not None
    assert (found.text, found.name) == (build.path.read_text(), str(build.path))
    assert len(build.wasm) < 2 * len(found.text) + len(found.name) + 100


@pytest.mark.parametrize("interpreter", INTERPRETERS.values(), ids=INTERPRETERS)
def test_unprepared_language_names_itself(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, interpreter: Interpreter
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    script = Script(language=interpreter.language, functions=("filter",), name="sf1", text="")
    with pytest.raises(SmartStreamError) as refused:
        SmartStream(script.module, name="stored")
    assert refused.value.message.startswith(f"{interpreter.name} is not prepared")
    assert (refused.value.code, refused.value.subject) == ("unprepared", interpreter.language)
    missing, rust, *_ = checks(os.environ, interpreter)
    assert (missing.ok, missing.found, missing.fixable) == (False, "not built yet", True)
    assert rust.name == f"Rust for {interpreter.name}"


def test_doctor_says_what_is_there(language: str) -> None:
    [check] = checks(os.environ, INTERPRETERS[language])
    assert check.ok
    assert str(interpreter_file(language)) in check.found


def test_chain_of_sources_of_its_own(build_file: Build) -> None:
    first = build_file(
        javascript="export const filterMap = (r) => r.value.includes('a') ? r.value + '!' : null",
        python="def filter_map(r): return r.value + '!' if 'a' in r.value else None",
    ).wasm
    second = build_file(
        javascript="export const map = (r) => r.value.toUpperCase()",
        python="def map(r): return r.value.upper()",
    ).wasm
    assert first is not None
    assert second is not None
    records = record_batch([b"a", b"b"])
    chain = Chain([SmartStream(first), SmartStream(second)])
    made = chain.evaluate(Batch.consecutive(0, 0, records))
    chain.close()
    assert made.outputs.records(records).column("value").to_pylist() == [b"A!"]
