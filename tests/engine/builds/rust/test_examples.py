"""The filters that people see first: the examples, and those in the documentation."""

import os
import re
from pathlib import Path
from typing import Any

import pytest

from engine.builds.rust.paths import examples_folder
from engine.builds.rust.toolchain import Toolchain, candidates, examine, find_toolchain
from engine.records.verdicts import Verdict
from engine.runtime.config import ModuleConfig
from tests.engine.builds.build_once import build_once
from tests.engine.builds.rust.kinds import run
from tests.engine.builds.rust.test_syntax import ANNOUNCED
from tests.engine.conftest import BuildFilter, evaluate_values

pytestmark = pytest.mark.cargo

DROP, PASS, ERROR, TRAP = Verdict.DROP, Verdict.PASS, Verdict.ERROR, Verdict.TRAP

VALUES = [
    b'{"id":1,"city":"Lyon","amount":129.90,"status":"paid"}',
    b'{"id":2,"city":"Bern","amount":9.90,"status":"failed"}',
    b'{"id":3,"city":"Pau","status":"paid","amount": 100}',
    b'{"method":"GET","path":"/cart","status":500,"ms":31}',
    b'{"method":"GET","path":"/cart","status":200,"ms":31}',
    b"ERROR cannot reach the bank",
    b"12345",
    b"",
    b"\xff\xfe error",
]
EXPECTED = {
    "has_number": [PASS, PASS, PASS, PASS, PASS, PASS, DROP, DROP, TRAP],
    "errors_only": [DROP, PASS, DROP, PASS, DROP, PASS, DROP, DROP, PASS],
    "large_orders": [PASS, DROP, PASS, DROP, DROP, DROP, DROP, DROP, ERROR],
}


def test_announced_example_is_unchanged() -> None:
    assert (examples_folder() / "has_number.rs").read_text() == ANNOUNCED


@pytest.mark.parametrize("name", EXPECTED)
def test_an_example(name: str, build_cache: Path) -> None:
    build = build_once(examples_folder() / f"{name}.rs", cache=build_cache)
    assert build.diagnostics == ()
    assert build.wasm is not None
    evaluation = evaluate_values(build.wasm, VALUES)
    assert list(evaluation.verdicts) == EXPECTED[name]
    assert all("invalid utf-8" in f.message for f in evaluation.faults if f.verdict is ERROR)
    for fault in (fault for fault in evaluation.faults if fault.verdict is TRAP):
        assert fault.location is not None
        assert fault.location.path == str(examples_folder() / f"{name}.rs")


def test_an_example_with_the_oldest_toolchain(tmp_path: Path) -> None:
    found = (examine(candidate, os.environ) for candidate in candidates(os.environ))
    oldest = min((one for one in found if isinstance(one, Toolchain)), key=lambda one: one.release)
    if oldest.rustc == find_toolchain().rustc:
        pytest.skip("this machine has no older toolchain than the one that all tests use")
    environ = {**os.environ, "FLUVIO_TUI_CARGO": str(oldest.cargo)}
    build = build_once(examples_folder() / "has_number.rs", cache=tmp_path, environ=environ)
    assert build.diagnostics == ()
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, VALUES).verdicts) == EXPECTED["has_number"]


OUTPUTS: dict[str, list[Any]] = {
    "short_orders": [
        (0, b"Lyon", b"1 129.90 paid"),
        (1, b"Bern", b"2 9.90 failed"),
        (2, b"Pau", b"3 100.00 paid"),
    ],
    "failed_payments": [(1, b"k", b"Bern 9.90")],
    "words": [
        *((5, word.lower(), word) for word in b"ERROR cannot reach the bank".split()),
        (6, b"12345", b"12345"),
    ],
    "revenue": [(0, b"k", b"129.9"), (1, b"k", b"129.9"), (2, b"k", b"229.9"), (3, b"k", b"229.9")],
    "above": [(2, b"k", VALUES[2])],
    "new_cities": [(index, b"k", VALUES[index]) for index in range(3)],
}
"""Of some of them, the outputs of the first records that have some."""


@pytest.mark.parametrize("name", OUTPUTS)
def test_an_example_of_another_kind(build_filter: BuildFilter, name: str) -> None:
    config = ModuleConfig(params={"amount": "50", "city": "Pau"})
    source = (examples_folder() / f"{name}.rs").read_text()
    made = run(build_filter, source, VALUES, [b"k"] * len(VALUES), config)
    outputs = [shown for shown in made if isinstance(shown, tuple)]
    wanted = OUTPUTS[name]
    start = outputs.index(wanted[0])
    assert outputs[start : start + len(wanted)] == wanted


def test_every_example_is_tried() -> None:
    assert {*EXPECTED, *OUTPUTS} == {path.stem for path in examples_folder().glob("*.rs")}


@pytest.mark.parametrize("page", ["writing-smartstreams.md", "coming-from-fluvio.md"])
def test_every_smartstream_in_the_documentation_builds(build_filter: BuildFilter, page: str) -> None:
    text = (Path(__file__).parents[4] / "docs" / page).read_text()
    blocks = re.findall(r"^```rust(?: \S+)?\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    assert blocks
    for block in blocks:
        config = ModuleConfig(params={"amount": "50", "unit": "EUR"})
        made = run(build_filter, block, VALUES, [b"k"] * len(VALUES), config)
        outputs = {shown[0] for shown in made if isinstance(shown, tuple)}
        assert outputs
        if "(filter)" in block:
            assert len(outputs) < len(VALUES)
