"""What a module for Fluvio's engine reads and answers, byte for byte, in every version that engines use."""

import struct
from pathlib import Path

import pytest
from wasmtime import Engine, Func, FuncType, Instance, Memory, Module, Store, ValType

from engine.builds.language import Target
from tests.engine.builds.rust.test_target_fluvio import built

pytestmark = [pytest.mark.cargo, pytest.mark.usefixtures("toolchain")]

SOURCE = """
#[smartstream(init)]
fn init(params: &Params) -> Result<String> {
    Ok(format!("{:?} {:?}", params.get("k"), params.lookback()))
}
#[smartstream(map)]
fn shown(record: &SmartModuleRecord, params: &String) -> Result<String> {
    if record.value.is_empty() { return Err("empty".into()); }
    Ok(format!("{}@{} {}", record.offset(), record.timestamp(), params))
}
"""


class Host:
    """Calls a module as Fluvio's engine does: it copies the answer once the call has returned."""

    def __init__(self, wasm: bytes) -> None:
        self._store = Store(Engine())
        self._answer = (0, 0)
        kind = FuncType([ValType.i32(), ValType.i32()], [])
        copy_records = Func(self._store, kind, self._copy)
        module = Module(self._store.engine, wasm)
        self._exports = Instance(self._store, module, [copy_records]).exports(self._store)

    def _copy(self, at: int, size: int) -> None:
        self._answer = (at, size)

    def call(self, name: str, given: bytes, version: int) -> tuple[int, bytes]:
        memory, alloc, function = (self._exports[export] for export in ("memory", "alloc", name))
        assert isinstance(memory, Memory)
        assert isinstance(alloc, Func)
        assert isinstance(function, Func)
        self._answer = (0, 0)
        at = alloc(self._store, len(given))
        memory.write(self._store, given, at)
        status = function(self._store, at, len(given), version)
        start, size = self._answer
        return status, bytes(memory.read(self._store, start, start + size))


def text(words: str) -> bytes:
    return struct.pack(">H", len(words)) + words.encode()


def sized(data: bytes) -> bytes:
    """Data with its length, below 8,192, as a varint."""
    size = 2 * len(data)
    return (bytes([size]) if size < 128 else bytes([size & 127 | 128, size >> 7])) + data


def params(version: int) -> bytes:
    laid_out = struct.pack(">H", 1) + text("k") + text("v")
    if version >= 20:
        laid_out += b"\1" + struct.pack(">Q", 7)
    return laid_out + (b"\1" + struct.pack(">QI", 1, 500_000_000) if version >= 21 else b"")


def records(*values: bytes) -> bytes:
    """With attributes 1, timestamp delta -3, an offset delta, the key `k` and no headers."""
    made = struct.pack(">I", len(values))
    for delta, value in enumerate(values):
        made += sized(bytes([1, 5, 2 * delta]) + b"\1\2k" + sized(value) + b"\0")
    return made


def batch(version: int, *values: bytes) -> bytes:
    raw = records(*values)
    given = struct.pack(">q", 100) + struct.pack(">I", len(raw)) + raw
    if version <= 22:
        given += params(version) + (struct.pack(">I", 0) if version >= 16 else b"")
    return given + (struct.pack(">q", 1000) if version >= 22 else b"")


@pytest.fixture
def host(tmp_path: Path, build_cache: Path) -> Host:
    path = tmp_path / "shown.rs"
    path.write_text(SOURCE)
    return Host(built(path, build_cache, Target.FLUVIO))


@pytest.mark.parametrize("version", [15, 16, 19, 20, 21, 22, 23, 25])
def test_a_version(host: Host, version: int) -> None:
    assert host.call("init", params(version), version) == (0, b"")
    age = "Some(1.5s)" if version >= 21 else "None"
    look_back = f"Some(Lookback {{ last: 7, age: {age} }})" if version >= 20 else "None"
    time = 997 if version >= 22 else -3
    value = f'100@{time} Some("v") {look_back}'.encode()
    status, answer = host.call("map", batch(version, b"a", b"", b"c"), version)
    assert status == 1
    # Attributes, deltas, headers and key stay.
    body = b"\1\5\0\1\2k" + sized(value) + b"\0"
    error = b"\1" + text("empty") + struct.pack(">q", 101) + b"\1" + b"\1\2k" + b"\0"
    assert answer == struct.pack(">I", 1) + sized(body) + error


def test_what_cannot_be_read(host: Host) -> None:
    good = batch(22, b"a", b"bc")
    assert host.call("init", params(22), 22) == (0, b"")
    for end in range(len(good)):
        assert host.call("map", good[:end], 22) == (-11, b"")
    assert host.call("map", good[:11] + b"\xff" + good[12:], 22) == (-11, b"")
    assert host.call("init", params(22)[:-1], 22) == (-10, b"")
    assert host.call("map", good, 22)[0] == 2
    assert host.call("map", batch(22), 22) == (0, bytes(5))
