"""What a module gets that was built for WASI: no files, no clock, no environment; what it prints is kept."""

import re
import struct
from collections.abc import Callable, Iterator

from wasmtime import Caller, Func, FuncType, ImportType, Memory, Store

from engine.runtime.memory import messages

OnPrinted = Callable[[bytes], None]

MOST_TEXT = 1 << 16
"""Bytes that are kept of what one call prints."""

_SUCCESS, _FAULT, _NOT_SUPPORTED = 0, 21, 52
"""Numbers of WASI's errors."""
_NOTHING = frozenset({"args_get", "args_sizes_get", "environ_get", "environ_sizes_get", "sched_yield"})
_ADDRESSES = 0xFFFFFFFF
"""Addresses come as signed numbers; wasmtime takes a negative one as counted from the end."""
_VECTOR = struct.Struct("<2I")
_SIZE = struct.Struct("<I")
# As Rust prints a panic since 1.73, and before.
_PANIC = re.compile(
    rb"panicked at (?:'(?P<old>.*)', (?P<old_place>[^\n]+)|(?P<place>[^\n]+):\n(?P<text>.*?))"
    rb"(?:\nnote: [^\n]*)*\s*$",
    re.DOTALL,
)


def system_function(store: Store, entry: ImportType, on_printed: OnPrinted) -> Func:
    """The function of WASI that a module imports, of a type that `contract.check` accepted.

    None raises: that would end a call of another module.
    """
    kind = entry.type
    assert isinstance(kind, FuncType)

    def write(caller: Caller, _descriptor: int, vectors: int, count: int, written: int) -> int:
        memory = caller["memory"]
        assert isinstance(memory, Memory)
        parts = []
        vectors &= _ADDRESSES
        for at in range(vectors, vectors + min(count, 1024) * _VECTOR.size, _VECTOR.size):
            place = memory.read(caller, at, at + _VECTOR.size)
            if len(place) < _VECTOR.size:
                return _FAULT
            start, length = _VECTOR.unpack(place)
            parts.append(bytes(memory.read(caller, start, start + min(length, MOST_TEXT))))
        written &= _ADDRESSES
        if written + _SIZE.size > memory.data_len(caller):
            return _FAULT
        text = b"".join(parts)
        memory.write(caller, _SIZE.pack(len(text)), written)
        on_printed(text)
        return _SUCCESS

    def no_sizes(caller: Caller, *places: int) -> int:
        memory = caller["memory"]
        assert isinstance(memory, Memory)
        places = tuple(place & _ADDRESSES for place in places)
        if max(places) + _SIZE.size > memory.data_len(caller):
            return _FAULT
        for place in places:
            memory.write(caller, _SIZE.pack(0), place)
        return _SUCCESS

    if entry.name == "fd_write" and len(kind.params) == 4:
        return Func(store, kind, write, access_caller=True)
    if entry.name in ("args_sizes_get", "environ_sizes_get") and len(kind.params) == 2:
        return Func(store, kind, no_sizes, access_caller=True)
    answer = _SUCCESS if entry.name in _NOTHING else _NOT_SUPPORTED
    return Func(store, kind, lambda *_: answer)


class PrintedText:
    """Collects what a module prints during a call, with the record that it was at."""

    def __init__(self) -> None:
        self._texts: dict[int, bytearray] = {}
        self._size = 0

    def add(self, record: int, text: bytes) -> None:
        """Keep a text, if there is room for it."""
        if self._size + len(text) <= MOST_TEXT:
            self._size += len(text)
            self._texts.setdefault(record, bytearray()).extend(text)

    def take(self) -> bytes:
        """What was printed, as entries of the message area (docs/abi.md)."""
        found = b"".join(
            messages.entry(record, kind, text)
            for record, printed in self._texts.items()
            for kind, text in _entries_of(bytes(printed))
        )
        self._texts.clear()
        self._size = 0
        return found


def _entries_of(printed: bytes) -> Iterator[tuple[int, bytes]]:
    """The kind and the text of each entry: lines, and a panic with its place."""
    panic = _PANIC.search(printed)
    if panic is not None:
        yield messages.PANIC, (panic["old"] or panic["text"] or b"").strip()
        yield messages.PLACE, panic["old_place"] or panic["place"]
        # Up to the line that begins "thread '…' panicked at".
        printed = printed[: printed.rfind(b"\n", 0, panic.start()) + 1]
    for line in printed.splitlines():
        if line:
            yield messages.LINE, line
