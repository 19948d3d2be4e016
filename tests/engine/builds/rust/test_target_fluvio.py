"""Modules for Fluvio's engine: run here through the adapter, they do what the same source does in ours."""

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from engine.builds.from_file import InlineSource
from engine.builds.language import Target
from engine.builds.rust.toolchain import Toolchain, candidates, examine
from engine.errors import InitError, LookBackError
from engine.process.job import Job
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.loading.wasm_sections import exported_names
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import Shown, batch_of, shown

pytestmark = [pytest.mark.cargo, pytest.mark.usefixtures("toolchain")]

FLUVIO_STYLE = Path(__file__).parents[2] / "runtime" / "fluvio_peer" / "modules"
OWN_STYLE = {
    "filter": """
        #[smartstream(init)]
        fn init(params: &Params) -> Result<usize> { params.required("longest") }
        #[smartstream(filter)]
        fn short(value: &[u8], longest: &usize) -> bool { value.len() <= *longest }
    """,
    "map": """
        #[smartstream(map)]
        fn upper(value: &str) -> Result<String> {
            if value.starts_with('e') { return Err("an error".into()); }
            Ok(value.to_uppercase())
        }
    """,
    "filter_map": """
        #[smartstream(filter_map)]
        fn without_key(record: &Record) -> Option<(Option<Vec<u8>>, Vec<u8>)> {
            record.key().map(|key| (None, [key, record.value()].concat()))
        }
    """,
    "array_map": """
        #[smartstream(array_map)]
        fn many(value: &[u8]) -> Vec<Vec<u8>> {
            (0..value.len()).map(|n| vec![value[n]; n * n * 500]).collect()
        }
    """,
    "aggregate": """
        #[smartstream(aggregate)]
        fn longest(so_far: String, value: &str) -> String {
            if value.len() > so_far.len() { value.to_string() } else { so_far }
        }
    """,
}
VALUES = [b"12", b"", b"a word", b"\xff\x00", b"7", b"error", b"x" * 40, b" 3", b"-8", b"stored", b"\xc3\xa9"]
KEYS = [None, b"", b"k", b"\xff\xfe\x00", b"key" * 100, None, b"e", b"", None, b"s", b"t"]
CONFIG = ModuleConfig(
    params={"word": "wor", "longest": "3"}, look_back=LookBack(last=2, age_ms=1500), aggregate_initial=b"5"
)


@cache
def built(path: Path, folder: Path, target: Target, cargo: Path | None = None) -> bytes:
    environ = os.environ if cargo is None else {**os.environ, "FLUVIO_TUI_CARGO": str(cargo)}
    compiled = InlineSource(path, cache=folder, environ=environ, target=target).build(Job())
    assert compiled.diagnostics == (), compiled.diagnostics[0].rendered
    assert compiled.wasm is not None
    return compiled.wasm


def outputs(wasm: bytes, values: Sequence[bytes] = VALUES, keys: Sequence[bytes | None] = KEYS) -> Shown:
    """Of two batches, after a look-back."""
    with SmartStream(wasm, config=CONFIG) as stream:
        stream.look_back([batch_of([b"stored", b"\xc3\xa9"])])
        batches = [batch_of(values, keys), batch_of(values[::-1], keys)]
        return [shown(stream.evaluate(batch), batch) for batch in batches]


def source(style: str, kind: str, folder: Path) -> Path:
    if style == "Fluvio's":
        return FLUVIO_STYLE / f"{kind}.rs"
    path = folder / f"{kind}.rs"
    path.write_text(OWN_STYLE[kind])
    return path


@pytest.mark.parametrize("style", ["Fluvio's", "our own"])
@pytest.mark.parametrize("kind", OWN_STYLE)
def test_a_kind_for_fluvio(kind: str, style: str, tmp_path: Path, build_cache: Path) -> None:
    path = source(style, kind, tmp_path)
    ours, for_fluvio = (built(path, build_cache, target) for target in (Target.FLUVIO_TUI, Target.FLUVIO))
    assert {"alloc", "dealloc", "init", kind} <= set(exported_names(for_fluvio))
    assert {"alloc", "dealloc", "init", kind}.isdisjoint(exported_names(ours))
    made = outputs(for_fluvio)
    assert made == outputs(ours)
    assert any(isinstance(entry, tuple) for batch in made for entry in batch)


def test_errors_before_the_first_record(build_cache: Path) -> None:
    wasm = built(FLUVIO_STYLE / "filter.rs", build_cache, Target.FLUVIO)
    with pytest.raises(InitError, match="Missing param word"), SmartStream(wasm) as stream:
        stream.evaluate(batch_of([b"1"]))
    with (
        SmartStream(wasm, config=CONFIG) as stream,
        pytest.raises(LookBackError, match=r"bad record with key Some\(1\)"),
    ):
        stream.look_back([batch_of([b"good", b"bad"], [None, b"k"])])


def test_it_builds_with_the_oldest_toolchain(build_cache: Path) -> None:
    found = (examine(candidate, os.environ) for candidate in candidates(os.environ))
    oldest = min((one for one in found if isinstance(one, Toolchain)), key=lambda one: one.release)
    wasm = built(FLUVIO_STYLE / "aggregate.rs", build_cache, Target.FLUVIO, oldest.cargo)
    assert [value for _, _, value in outputs(wasm, [b"1", b"2"], [None, b"k"])[1]] == [b"10", b"11"]


def test_a_long_stream_needs_no_more_memory(build_cache: Path) -> None:
    """Neither the inputs of an engine nor the answers to it stay."""
    wasm = built(FLUVIO_STYLE / "array_map.rs", build_cache, Target.FLUVIO)
    batch = batch_of([b"a word " * 100] * 1000)
    with SmartStream(wasm) as stream:
        stream.evaluate(batch)
        before = stream.memory
        for _ in range(20):
            stream.evaluate(batch)
        assert stream.memory == before
