"""Files written for Fluvio's SDK, unchanged: they build without a warning, and do what they do in Fluvio."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from engine.builds.rust.toolchain import Toolchain
from engine.errors import InitError, LookBackError
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.build_once import build_once
from tests.engine.builds.rust.kinds import batch_of, shown

pytestmark = pytest.mark.cargo

FOLDER = Path(__file__).parent / "fluvio"
NOT_A_NUMBER = "invalid digit found in string"
NOT_TEXT = "invalid utf-8 sequence of 1 bytes from index 0"


@dataclass(frozen=True, kw_only=True)
class Case:
    """A file, what it runs with, and what comes out."""

    name: str
    records: Sequence[tuple[bytes | None, bytes]]
    outputs: Sequence[Any]
    """Index of the input, key, value; or the text of an error."""
    params: Mapping[str, str] = field(default_factory=dict)
    initial: bytes = b""
    look_back: LookBack | None = None


CASES = [
    Case(
        name="filter_init",
        params={"wanted": "an"},
        records=[(b"k", b"banana"), (None, b"cherry"), (None, b"\xff")],
        outputs=[(0, b"k", b"banana"), NOT_TEXT],
    ),
    Case(
        name="map",
        records=[(b"k", b"21"), (None, b" -4 "), (b"", b"x"), (b"", b"1")],
        outputs=[(0, b"k", b"42"), (1, None, b"-8"), NOT_A_NUMBER, (3, b"", b"2")],
    ),
    Case(
        name="map_keys",
        records=[(b"k", b"a=b=c"), (b"k", b"none"), (None, b"="), (b"k", b"\xff=\xfe")],
        outputs=[
            (0, b"a", b"b=c"),
            (1, None, b"none"),
            (2, b"", b""),
            (3, b"\xef\xbf\xbd", b"\xef\xbf\xbd"),
        ],
    ),
    Case(
        name="filter_map",
        records=[(b"k", b"4"), (b"k", b"5"), (None, b"-6"), (None, b"six")],
        outputs=[(0, b"k", b"2"), (2, None, b"-3"), NOT_A_NUMBER],
    ),
    Case(
        name="array_map",
        records=[(b"k", b"one\nthree"), (b"k", b""), (b"k", b"\xff"), (b"k", b"x\n")],
        outputs=[(0, b"3", b"one"), (0, b"5", b"three"), NOT_TEXT, (3, b"1", b"x")],
    ),
    Case(
        name="aggregate",
        initial=b"100",
        records=[(b"k", b"1"), (None, b"x"), (b"", b"2"), (b"", b"-3")],
        outputs=[(0, b"k", b"101"), NOT_A_NUMBER, (2, b"", b"103"), (3, b"", b"100")],
    ),
    Case(
        name="aggregate_text",
        records=[(b"k", b"a"), (None, b"\xff"), (None, b"b")],
        outputs=[(0, b"k", b"a"), NOT_TEXT, (2, None, b"a+b")],
    ),
    Case(
        name="options",
        params={"suffix": "!", "times": "3", "upper": "true", "unknown": "1"},
        records=[(b"k", b"hi"), (None, b"")],
        outputs=[(0, b"k", b"HI!!!"), (1, None, b"!!!")],
    ),
    Case(name="options", records=[(b"k", b"hi")], outputs=[(0, b"k", b"hi")]),
    Case(
        name="look_back",
        records=[(None, b"3"), (None, b"2"), (None, b"x"), (None, b"4")],
        outputs=[(0, None, b"3"), NOT_A_NUMBER, (3, None, b"4")],
    ),
    Case(
        name="params_of_2021",
        params={"key": "a", "length": "2"},
        records=[(None, b"ab"), (b"k", b"a"), (b"k", b"bb"), (b"k", b"\xff")],
        outputs=[(0, None, b"ab"), NOT_TEXT],
    ),
    Case(name="look_back_params", records=[(b"k", b"")], outputs=[(0, b"k", b"none")]),
    Case(
        name="look_back_params",
        look_back=LookBack(last=7, age_ms=1500),
        records=[(b"k", b"")],
        outputs=[(0, b"k", b"7 1500")],
    ),
    Case(
        name="errors",
        records=[(None, text) for text in (b"10", b"refused", b"", b"x", b"deep 1", b"deep x", b"9")],
        outputs=[
            (0, None, b"10"),
            "refused is refused",
            "empty, at 102",
            f"a broken number\n\nCaused by:\n    {NOT_A_NUMBER}",
            (4, None, b"deep 1"),
            f"unusable\n\nCaused by:\n   0: a broken number\n   1: {NOT_A_NUMBER}",
        ],
    ),
    Case(
        name="times",
        records=[(b"k", b"a"), (None, b"b")],
        outputs=[(0, None, b"100 1000 22"), (1, None, b"101 1001 22")],
    ),
    Case(
        name="data",
        records=[(b"k", b"a"), (None, b"\xff"), (b"", b"b"), (b"k", b"")],
        outputs=[(0, b"k", b"a 1"), (1, b"", b"\xff 1"), (2, b"", b"b 2"), (3, b"k", b" 2")],
    ),
]


@pytest.fixture(scope="module")
def built(toolchain: Toolchain, build_cache: Path) -> Callable[[str], bytes]:
    """Builds a file, without a warning, for all tests of this module."""
    environ = {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo)}

    @cache
    def build(name: str) -> bytes:
        path = FOLDER / f"{name}.rs"
        if "OnceLock" in path.read_text() and toolchain.release < (1, 70):
            pytest.skip(f"needs Rust 1.70 or newer, for OnceLock: {toolchain.cargo} is {toolchain.version}")
        result = build_once(path, cache=build_cache, environ=environ)
        assert result.diagnostics == (), result.diagnostics[0].rendered
        assert result.wasm is not None, result
        return result.wasm

    return build


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_source(built: Callable[[str], bytes], case: Case) -> None:
    keys, values = zip(*case.records, strict=True)
    config = ModuleConfig(params=case.params, aggregate_initial=case.initial, look_back=case.look_back)
    batch = batch_of(values, keys)
    with SmartStream(built(case.name), config=config) as stream:
        assert shown(stream.evaluate(batch), batch) == case.outputs


def test_every_source_is_tried() -> None:
    assert {case.name for case in CASES} == {path.stem for path in FOLDER.glob("*.rs")}


@pytest.mark.parametrize(
    ("name", "params", "said"),
    [
        ("filter_init", {}, "Missing param wanted"),
        ("params_of_2021", {"length": "-1"}, f'invalid parameter length="-1": {NOT_A_NUMBER}'),
        ("options", {"times": "three"}, f'invalid parameter times="three": {NOT_A_NUMBER}'),
        ("options", {"upper": ""}, 'invalid parameter upper="": provided string was not `true` or `false`'),
    ],
)
def test_refused_parameters(
    built: Callable[[str], bytes], name: str, params: Mapping[str, str], said: str
) -> None:
    with pytest.raises(InitError) as refused:
        SmartStream(built(name), name=name, config=ModuleConfig(params=params))
    assert str(refused.value).startswith(f"{name}: init error: {said}")


def test_looking_back(built: Callable[[str], bytes]) -> None:
    config = ModuleConfig(look_back=LookBack(last=2))
    with SmartStream(built("look_back"), config=config) as stream:
        stream.look_back([batch_of([b"3", b"7"])])
        assert stream.evaluate(batch_of([b"6", b"7", b"8"])).verdicts.tolist() == [0, 0, 1]
        with pytest.raises(LookBackError, match=NOT_A_NUMBER):
            stream.look_back([batch_of([b"x"])])
