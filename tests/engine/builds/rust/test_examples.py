"""The filters that people see first: the examples, and those in the documentation."""

import os
import re
from pathlib import Path

import pytest

from engine.builds.rust.paths import examples_folder
from engine.builds.rust.toolchain import Toolchain, candidates, examine, find_toolchain
from engine.records.verdicts import Verdict
from tests.engine.builds.build_once import build_once
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


def test_every_filter_in_the_documentation_builds(build_filter: BuildFilter) -> None:
    page = Path(__file__).parents[4] / "docs" / "writing-smartstreams.md"
    blocks = re.findall(r"^```rust(?: \S+)?\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL)
    assert len(blocks) >= 4
    for block in blocks:
        build = build_filter(block)
        assert build.wasm is not None, build
        assert build.diagnostics == ()
        verdicts = set(evaluate_values(build.wasm, VALUES).verdicts)
        assert verdicts >= {PASS, DROP}
