"""The examples in each language give what those in Rust give; each save of a file is built."""

import queue
from pathlib import Path

import pytest

from engine.builds.build import BuildRequest, BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.rust.paths import examples_folder
from engine.files import replace_file
from engine.runtime.config import ModuleConfig
from tests.engine.builds.build_once import build_once
from tests.engine.builds.interpreted.conftest import SUFFIXES, Build
from tests.engine.builds.rust.kinds import run
from tests.engine.builds.rust.test_examples import DROP, ERROR, EXPECTED, OUTPUTS, PASS, VALUES
from tests.engine.conftest import evaluate_values
from tests.waiting import PATIENCE

TEXTS_THAT_ARE_NOT_JSON = {5, 7, 8}
OWN = {
    # Invalid UTF-8 is replaced, and a text is no order.
    "has_number": [*EXPECTED["has_number"][:-1], PASS],
    "large_orders": [PASS, DROP, PASS, DROP, DROP, ERROR, DROP, ERROR, ERROR],
}


SAVES = {
    "javascript": (
        "export const filter = () => true",
        "export const filter = () =>",
        "export const filter = () => false",
    ),
    "python": (
        "def filter(record): return True",
        "def filter(record): return (",
        "def filter(record): return False",
    ),
}
"""A filter that passes, one that is no source, and one that drops."""


@pytest.mark.parametrize("name", EXPECTED)
def test_filter_gives_the_verdicts_of_the_one_in_rust(language: str, name: str) -> None:
    build = build_once(_example(language, name))
    assert build.wasm is not None, build
    evaluation = evaluate_values(build.wasm, VALUES)
    assert list(evaluation.verdicts) == OWN.get(name, EXPECTED[name])
    if name == "large_orders":
        assert {fault.index for fault in evaluation.faults} == TEXTS_THAT_ARE_NOT_JSON


@pytest.mark.parametrize("name", OUTPUTS)
def test_other_kind_makes_what_the_one_in_rust_makes(build_file: Build, language: str, name: str) -> None:
    config = ModuleConfig(params={"amount": "50", "city": "Pau"})
    source = _example(language, name).read_text()
    made = run(lambda text: build_file(**{language: text}), source, VALUES, [b"k"] * len(VALUES), config)
    outputs = [shown for shown in made if isinstance(shown, tuple)]
    wanted = OUTPUTS[name]
    start = outputs.index(wanted[0])
    assert outputs[start : start + len(wanted)] == wanted


@pytest.mark.parametrize("folder", SUFFIXES)
def test_each_example_in_rust_has_one(folder: str) -> None:
    found = {path.stem for path in (examples_folder() / folder).glob(f"*{SUFFIXES[folder]}")}
    assert found == {path.stem for path in examples_folder().glob("*.rs")}


def test_each_save_is_built_and_a_mistake_keeps_no_version(language: str, tmp_path: Path) -> None:
    path = tmp_path / f"saved{SUFFIXES[language]}"
    passes, broken, drops = (text.encode() for text in SAVES[language])
    path.write_bytes(passes)
    builds: queue.Queue[BuildRequest | BuildResult] = queue.Queue()
    loop = BuildLoop(InlineSource(path), builds.put)
    loop.start()
    try:
        assert _next_result(builds).ready
        replace_file(path, broken)
        failed = _next_result(builds)
        assert not failed.ready
        assert failed.diagnostics[0].message.startswith("SyntaxError")
        replace_file(path, drops)
        fixed = _next_result(builds)
        assert fixed.wasm is not None
        assert list(evaluate_values(fixed.wasm, [b"a"]).verdicts) == [DROP]
        assert fixed.sources[0].text == path.read_text()
    finally:
        loop.close()


def _next_result(builds: "queue.Queue[BuildRequest | BuildResult]") -> BuildResult:
    while True:
        build = builds.get(timeout=PATIENCE)
        if isinstance(build, BuildResult):
            return build


def _example(folder: str, name: str) -> Path:
    return examples_folder() / folder / f"{name}{SUFFIXES[folder]}"
