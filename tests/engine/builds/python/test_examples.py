"""The examples in Python give what those in Rust give."""

import queue
from pathlib import Path

import pytest

from engine.builds.build import BuildRequest, BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.rust.paths import examples_folder
from engine.files import replace_file
from engine.runtime.config import ModuleConfig
from tests.engine.builds.javascript.test_examples import ended
from tests.engine.builds.python.conftest import Build
from tests.engine.builds.rust.kinds import run
from tests.engine.builds.rust.test_examples import DROP, ERROR, EXPECTED, OUTPUTS, PASS, VALUES
from tests.engine.conftest import evaluate_values

FOLDER = examples_folder() / "python"
TEXTS_THAT_ARE_NOT_JSON = {5, 7, 8}
OWN = {
    # Invalid UTF-8 is replaced, and a text is no order.
    "has_number": [*EXPECTED["has_number"][:-1], PASS],
    "large_orders": [PASS, DROP, PASS, DROP, DROP, ERROR, DROP, ERROR, ERROR],
}


@pytest.mark.parametrize("name", EXPECTED)
def test_filter_gives_the_verdicts_of_the_one_in_rust(build_file: Build, name: str) -> None:
    build = build_file((FOLDER / f"{name}.py").read_text())
    assert build.wasm is not None, build
    evaluation = evaluate_values(build.wasm, VALUES)
    assert list(evaluation.verdicts) == OWN.get(name, EXPECTED[name])
    if name == "large_orders":
        assert {fault.index for fault in evaluation.faults} == TEXTS_THAT_ARE_NOT_JSON


@pytest.mark.parametrize("name", OUTPUTS)
def test_other_kind_makes_what_the_one_in_rust_makes(build_file: Build, name: str) -> None:
    config = ModuleConfig(params={"amount": "50", "city": "Pau"})
    made = run(build_file, (FOLDER / f"{name}.py").read_text(), VALUES, [b"k"] * len(VALUES), config)
    outputs = [shown for shown in made if isinstance(shown, tuple)]
    wanted = OUTPUTS[name]
    start = outputs.index(wanted[0])
    assert outputs[start : start + len(wanted)] == wanted


def test_each_example_in_rust_has_one_in_python() -> None:
    assert {path.stem for path in FOLDER.glob("*.py")} == {
        path.stem for path in examples_folder().glob("*.rs")
    }


def test_each_save_is_built_and_a_mistake_keeps_no_version(build_file: Build, tmp_path: Path) -> None:
    path = tmp_path / "saved.py"
    path.write_text("def filter(record): return True")
    builds: queue.Queue[BuildRequest | BuildResult] = queue.Queue()
    loop = BuildLoop(InlineSource(path), builds.put)
    loop.start()
    try:
        assert ended(builds).ready
        replace_file(path, b"def filter(record): return (")
        broken = ended(builds)
        assert not broken.ready
        assert broken.diagnostics[0].message.startswith("SyntaxError")
        replace_file(path, b"def filter(record): return False")
        mended = ended(builds)
        assert mended.wasm is not None
        assert list(evaluate_values(mended.wasm, [b"a"]).verdicts) == [DROP]
        assert mended.sources[0].text == path.read_text()
    finally:
        loop.close()
