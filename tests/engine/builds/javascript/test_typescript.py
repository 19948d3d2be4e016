"""TypeScript: types are taken out, and every line and column stays."""

from pathlib import Path

import pytest

from engine.builds.languages import write_template, write_types
from engine.records.verdicts import Verdict
from tests.engine.builds.javascript.conftest import Build
from tests.engine.builds.rust.kinds import run
from tests.engine.conftest import evaluate_values

DROP, PASS, ERROR = Verdict.DROP, Verdict.PASS, Verdict.ERROR
TYPED = """\
interface Order { amount: number; city?: string }
type Ünïque = Order & { "é": string }
let seen: Map<string, number> = new Map<string, number>()

export function filter(record: SmartStreamRecord): boolean {
  const order = (record.json() as Ünïque)!; seen.set(order.city ?? 'none', 1); order.amount.toFixed<number>(1)
  return order.amount > 10 satisfies boolean
}
"""


def test_types_are_blanks(typescript: Path, build_file: Build) -> None:
    build = build_file(TYPED, "sf1.ts")
    assert build.wasm is not None, build.diagnostics
    evaluation = evaluate_values(build.wasm, [b'{"amount":11}', b'{"amount":9}', b"{}"])
    assert list(evaluation.verdicts) == [PASS, DROP, ERROR]
    [fault] = evaluation.faults
    assert fault.message == "TypeError: cannot read property 'toFixed' of undefined"
    assert fault.location is not None
    place = TYPED.splitlines()[5].index("toFixed")
    assert (fault.location.path, fault.location.line) == (str(build.path), 6)
    assert abs(fault.location.column - place) <= len("toFixed<number>")


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("export const filter = 1\nexport function a(b: ) {}\n", 2, "SyntaxError: "),
        ("\n\nenum Colour { Red }\nexport const filter = () => 1", 3, "enum"),
        ("export function filter(a: any) {\n  return a =\n}", 3, "SyntaxError: "),
    ],
)
def test_error_has_its_place(
    typescript: Path, build_file: Build, source: str, line: int, message: str
) -> None:
    build = build_file(source, "sf1.ts")
    assert build.wasm is None
    [diagnostic] = build.diagnostics
    assert message in diagnostic.message
    assert diagnostic.location is not None
    assert diagnostic.location.path == str(build.path)
    assert diagnostic.location.line == line


def test_template_and_its_types(typescript: Path, build_file: Build, tmp_path: Path) -> None:
    path = tmp_path / "new.ts"
    write_template(path)
    build = build_file(path.read_text(), "sf1.ts")
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [b'{"status":"error"}', b"{}"]).verdicts) == [PASS, DROP]
    assert write_types(path) == write_types(tmp_path / "other.js") == tmp_path / "smartstream.d.ts"
    # A declaration is all types.
    declared = (tmp_path / "smartstream.d.ts").read_text()
    made = run(build_file, "export const map = (r) => 1", [b"v"])
    assert made == [(0, None, b"1")]
    assert build_file(f"{declared}\nexport const filter = () => 1", "types.ts").wasm is not None


def test_nested_types_of_any_depth_are_a_diagnostic_or_work(typescript: Path, build_file: Build) -> None:
    source = f"type Deep = {'[' * 100_000}1{']' * 100_000}\nexport const filter = () => 1"
    build = build_file(source, "sf1.ts")
    assert build.wasm is None
    assert build.diagnostics
