"""Stored scripts: they are sources, and only the interpreter of this program runs them."""

from pathlib import Path

import pytest

from engine.errors import ContractError, SmartStreamError
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from engine.runtime.chain import Chain
from engine.runtime.loading.interpreters import interpreter_file
from engine.runtime.loading.scripts import SECTION, Script
from engine.runtime.loading.wasm_sections import with_custom_section
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.javascript.conftest import Build
from tests.engine.conftest import BuildFilter, evaluate_values
from tests.engine.runtime.wat_guests import guest

DROP, PASS = Verdict.DROP, Verdict.PASS
LONG = "export function filter(record) { return record.value.length > 1 }"


def script(
    text: str = LONG, functions: tuple[str, ...] = ("filter",), language: str = "javascript"
) -> Script:
    return Script(language=language, functions=functions, name="sf1.js", text=text)


def test_code_that_comes_with_a_source_never_runs(javascript: Path) -> None:
    code = guest()
    content = Script.of_module(script().module)
    assert content == script()
    both = with_custom_section(code, SECTION, b"javascript\0filter\0sf1.js\0" + LONG.encode())
    verdicts = list(evaluate_values(both, [b"a", b"ab", b"1"]).verdicts)
    assert verdicts == [DROP, PASS, DROP]
    assert verdicts != list(evaluate_values(code, [b"a", b"ab", b"1"]).verdicts)


@pytest.mark.parametrize(
    ("stored", "message"),
    [
        (script(functions=("map",)), "names other functions than it has"),
        (script(functions=()), "without a kind"),
        (script(functions=("filter", "map")), "without a kind, or with several"),
        (script(functions=("filter", "steal")), "does not know"),
        (script(text="export const map = () => 1"), "names other functions"),
        (script(text="throw 1"), "cannot be loaded: 1"),
        (script(language="../javascript"), "written in '../javascript', which this program cannot run"),
        (script(language=""), "written in '', which this program cannot run"),
    ],
)
def test_script_that_lies_is_refused(javascript: Path, stored: Script, message: str) -> None:
    with pytest.raises(SmartStreamError) as refused:
        SmartStream(stored.module, name="stored", foreign=True)
    assert message in str(refused.value)


@pytest.mark.parametrize("content", [b"", b"javascript", b"\xff\0\0", b"javascript\0filter\0name"])
def test_damaged_section_makes_no_script(content: bytes) -> None:
    damaged = with_custom_section(b"\0asm\1\0\0\0", SECTION, content)
    assert Script.of_module(damaged) is None
    with pytest.raises(ContractError, match="does not export"):
        SmartStream(damaged, name="stored")


def test_damaged_native_code_is_compiled_again(
    javascript: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = interpreter_file("javascript")
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    own = interpreter_file("javascript")
    own.parent.mkdir(mode=0o700)
    own.write_bytes(module.read_bytes())
    assert list(evaluate_values(script().module, [b"a", b"ab"]).verdicts) == [DROP, PASS]
    [native] = own.parent.glob("*.native")
    native.write_bytes(b"damaged")
    assert list(evaluate_values(script().module, [b"a", b"ab"]).verdicts) == [DROP, PASS]
    assert native.stat().st_size > 1 << 20


def test_folder_that_others_may_write_to_is_refused(
    javascript: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = interpreter_file("javascript")
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    own = interpreter_file("javascript")
    own.parent.mkdir()
    own.write_bytes(module.read_bytes())
    own.parent.chmod(0o777)
    with pytest.raises(SmartStreamError, match="other users may write"):
        SmartStream(script().module, name="stored")


def test_chain_of_both_languages(build_file: Build, build_filter: BuildFilter) -> None:
    rust = build_filter("#[smartstream(map)] fn upper(v: &str) -> String { v.to_uppercase() }").wasm
    javascript = build_file(
        "export const filterMap = (r) => r.value.includes('A') ? r.value + '!' : null"
    ).wasm
    assert rust is not None
    assert javascript is not None
    records = record_batch([b"a", b"b"])
    chain = Chain([SmartStream(rust), SmartStream(javascript), SmartStream(rust)])
    made = chain.evaluate(Batch.consecutive(0, 0, records))
    chain.close()
    assert made.outputs.records(records).column("value").to_pylist() == [b"A!"]
