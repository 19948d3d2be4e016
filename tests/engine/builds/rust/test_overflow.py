"""What arithmetic does whose result does not fit."""

from pathlib import Path

import pytest

from engine.builds.from_file import InlineSource
from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import batch_of, shown

pytestmark = pytest.mark.cargo

SUM = """\
#[smartstream(map)]
fn sum(value: &[u8]) -> u8 { value.iter().fold(0, |sum, byte| sum + byte) }
"""


@pytest.mark.usefixtures("toolchain")
def test_it_traps_or_wraps(tmp_path: Path, build_cache: Path) -> None:
    path = tmp_path / "sum.rs"
    path.write_text(SUM)
    sources = [InlineSource(path, cache=build_cache, limits=Limits(wraps=wraps)) for wraps in (False, True)]
    made = []
    # One after the other in the same folder: neither build stays for the other.
    for source in sources * 2:
        compiled = source.build(Job())
        assert compiled.diagnostics == ()
        assert compiled.wasm
        with SmartStream(compiled.wasm) as stream:
            batch = batch_of([b"\x01\x02", b"\xff\x02"])
            made += shown(stream.evaluate(batch), batch)
    trap = [(0, None, b"3"), "attempt to add with overflow"]
    wrap = [(0, None, b"3"), (1, None, b"1")]
    assert made == [*trap, *wrap] * 2
