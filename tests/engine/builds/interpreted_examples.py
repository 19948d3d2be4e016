"""The examples of an interpreted language, compared with those in Rust, and a loop of saves."""

import queue
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.builds.build import BuildRequest, BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.rust.paths import examples_folder
from engine.files import replace_file
from engine.runtime.config import ModuleConfig
from tests.engine.builds.rust.kinds import run
from tests.engine.builds.rust.test_examples import DROP, ERROR, EXPECTED, OUTPUTS, PASS, VALUES
from tests.engine.conftest import BuildFilter, evaluate_values
from tests.waiting import PATIENCE

TEXTS_THAT_ARE_NOT_JSON = {5, 7, 8}
OWN = {
    # Invalid UTF-8 is replaced, and a text is no order.
    "has_number": [*EXPECTED["has_number"][:-1], PASS],
    "large_orders": [PASS, DROP, PASS, DROP, DROP, ERROR, DROP, ERROR, ERROR],
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """The examples of a language."""

    folder: str
    suffix: str

    @property
    def names(self) -> set[str]:
        return {path.stem for path in (examples_folder() / self.folder).glob(f"*{self.suffix}")}

    def source(self, name: str) -> str:
        return (examples_folder() / self.folder / f"{name}{self.suffix}").read_text()

    def check_filter(self, build_file: BuildFilter, name: str) -> None:
        """A filter gives the verdicts of the one in Rust."""
        build = build_file(self.source(name))
        assert build.wasm is not None, build
        evaluation = evaluate_values(build.wasm, VALUES)
        assert list(evaluation.verdicts) == OWN.get(name, EXPECTED[name])
        if name == "large_orders":
            assert {fault.index for fault in evaluation.faults} == TEXTS_THAT_ARE_NOT_JSON

    def check_outputs(self, build_file: BuildFilter, name: str) -> None:
        """Another kind makes the records that the one in Rust makes."""
        config = ModuleConfig(params={"amount": "50", "city": "Pau"})
        made = run(build_file, self.source(name), VALUES, [b"k"] * len(VALUES), config)
        outputs = [shown for shown in made if isinstance(shown, tuple)]
        wanted = OUTPUTS[name]
        start = outputs.index(wanted[0])
        assert outputs[start : start + len(wanted)] == wanted

    def check_all_are_there(self) -> None:
        """Each example in Rust has one."""
        assert self.names == {path.stem for path in examples_folder().glob("*.rs")}


def check_saves(path: Path, saves: Sequence[bytes]) -> None:
    """A filter that passes, one that is no source, and one that drops are saved: two of them are built."""
    passes, broken, drops = saves
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
