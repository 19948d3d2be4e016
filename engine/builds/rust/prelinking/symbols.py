"""An object file that tells the linker where the statics of prelinked crates are."""

from collections.abc import Mapping

from engine.builds.rust.prelinking.layout import FILE_DATA
from engine.runtime.loading.wasm_sections import CUSTOM, EMPTY_MODULE, IMPORTS, number_bytes, part, section

_DATA = 11
_SEGMENT = b".rodata.crates"
_SEGMENT_BYTES = 16
_MEMORY = b"\1" + part(b"env") + part(b"__linear_memory") + b"\2\0\1"
_AT_ZERO = b"\0\x41\0\x0b"
_VERSION = 2
_SEGMENT_INFO, _SYMBOL_TABLE = 5, 8
_STATIC = 1
_WEAK, _HIDDEN, _ABSOLUTE = 0x1, 0x4, 0x200


def symbols_object(addresses: Mapping[str, int]) -> bytes:
    """The object; it has to be the first one that is linked.

    Its segment lies where the data of the file begin, and each symbol so far behind that as it has to be. To
    lie outside of the segment it has to be an absolute one. wasm-ld adds the segment's place all the same:
    the probe would show if it did not.
    """
    symbols = b"".join(_symbol(name, address - FILE_DATA) for name, address in addresses.items())
    table = number_bytes(len(addresses)) + symbols
    segment = b"\1" + part(_SEGMENT) + number_bytes(4) + b"\0"
    linking = (
        number_bytes(_VERSION) + bytes([_SYMBOL_TABLE]) + part(table) + bytes([_SEGMENT_INFO]) + part(segment)
    )
    return (
        EMPTY_MODULE
        + section(IMPORTS, _MEMORY)
        + section(_DATA, b"\1" + _AT_ZERO + part(bytes(_SEGMENT_BYTES)))
        + section(CUSTOM, part(b"linking") + linking)
    )


def _symbol(name: str, offset: int) -> bytes:
    # Weak: the file's own allocator shim has some of them, too.
    flags = _WEAK | _HIDDEN | _ABSOLUTE
    return bytes([_STATIC]) + number_bytes(flags) + part(name.encode()) + b"\0" + number_bytes(offset) + b"\0"
