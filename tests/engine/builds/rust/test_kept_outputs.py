"""Outputs that a guest keeps for its next call, called by hand: a host need not come back for them."""

import struct

import pytest
from wasmtime import Engine, Func, Instance, Memory, Module, Store

from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo

COLUMNS, MESSAGES, OUTPUTS, SIZE = 128, 512, 70_000, 80_000
COUNTED = """
use std::sync::atomic::{AtomicUsize, Ordering};

static CALLS: AtomicUsize = AtomicUsize::new(0);

#[smartstream(map)]
fn counted(value: &str) -> String { format!("{value} {}", CALLS.fetch_add(1, Ordering::Relaxed)) }
"""


class HandCalled:
    """A map that is called with one record at a time, and an output area of any size."""

    def __init__(self, wasm: bytes) -> None:
        engine = Engine()
        self._store = Store(engine)
        exports = Instance(self._store, Module(engine, wasm), []).exports(self._store)
        memory, alloc, call = exports["memory"], exports["smartstream_alloc"], exports["smartstream_map"]
        assert isinstance(memory, Memory)
        assert isinstance(alloc, Func)
        assert isinstance(call, Func)
        self._memory, self._call = memory, call
        self._region = alloc(self._store, SIZE)

    def __call__(self, value: bytes, area: int, offset: int = 7) -> tuple[int, int, bytes]:
        """What it returned, the bytes that the outputs need, and the data of the outputs."""
        at = self._region
        columns = struct.pack("<2I2qI4x32s", 0, len(value), 1000, -1, 0, value)
        pointers = [at + COLUMNS + place for place in (0, 32, 8, 16, 24)]
        offsets, values, timestamp, result, progress = pointers
        header = struct.pack("<4Iq2I", 2, 128, 0, 1, offset, 0, 1)
        header += struct.pack("<5I", offsets, values, 0, 0, 0)
        header += struct.pack("<5I", timestamp, result, progress, at + MESSAGES, 65_536)
        header += struct.pack("<4I40x", 0, 0, at + OUTPUTS, area)
        for place, data in ((0, header), (COLUMNS, columns), (MESSAGES, bytes(8)), (OUTPUTS, bytes(16))):
            self._memory.write(self._store, data, at + place)
        returned = self._call(self._store, at)
        head = bytes(self._memory.read(self._store, at + OUTPUTS, at + OUTPUTS + area))
        _, used, needed = struct.unpack_from("<3I", head)
        return returned, needed, head[16 : 16 + used]


def test_only_the_same_record_gets_them(build_filter: BuildFilter) -> None:
    build = build_filter(COUNTED)
    assert build.wasm
    call = HandCalled(build.wasm)
    assert call(b"first", 1024) == (1, 0, b"first 0")
    # Kept: the function is not called again.
    assert call(b"second", 32) == (0, 40, b"")
    assert call(b"second", 32) == (0, 40, b"")
    assert call(b"second", 40) == (1, 0, b"second 1")
    assert call(b"second", 1024) == (1, 0, b"second 2")
    # Another record at the same place: after an array_map several have one offset.
    assert call(b"third", 32) == (0, 39, b"")
    assert call(b"other", 1024) == (1, 0, b"other 4")
    assert call(b"third", 32) == (0, 39, b"")
    assert call(b"third", 1024, offset=8) == (1, 0, b"third 6")
    assert call(b"third", 1024) == (1, 0, b"third 7")
