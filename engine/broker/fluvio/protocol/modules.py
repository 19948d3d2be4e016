"""SmartModules as an SC keeps them, in version 19 of their layout."""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from engine.broker.fluvio.protocol import admin
from engine.broker.fluvio.protocol.wire import Decoder, Encoder

_GZIP = b"\x1f\x8b"
_BINARY = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleObject:
    """A SmartModule."""

    key: str
    """What the SC calls it, and deletes it by."""
    name: str
    """What users call it: that of its package, if it has one, as `GROUP/NAME@VERSION`."""
    packed: bytes = field(repr=False)
    """Its WebAssembly, which Fluvio's clients compress; empty in a summary."""

    @property
    def names(self) -> tuple[str, ...]:
        """What may stand for it: the name of a package also without its version."""
        return self.key, self.name, self.name.rpartition("@")[0] or self.name

    def wasm(self, most: int) -> bytes:
        """Its WebAssembly; of a longer one the first `most` bytes. `zlib.error` if it is damaged."""
        if not self.packed.startswith(_GZIP):
            return self.packed[:most]
        return zlib.decompressobj(wbits=31).decompress(self.packed, most)


def read_module(source: Decoder) -> ModuleObject:
    """An entry of a list of SmartModules."""
    key = source.text()
    package = source.option(_package)
    source.option(Decoder.u32)
    source.u8()
    return ModuleObject(key=key, name=package or key, packed=bytes(source.sized()))


def write_module(target: Encoder, wasm: bytes) -> None:
    """What a SmartModule is to be, for a request that creates it."""
    # Without the time, so that equal modules are equal in the cluster.
    target.boolean(False).boolean(False).tag(_BINARY).sized(gzip.compress(wasm, mtime=0))


def watch_request() -> Encoder:
    """Changes of SmartModules, each as a message, after one with all of them; as summaries."""
    content = Encoder().i64(0).boolean(True)
    return Encoder().text(admin.SMARTMODULE).sized(bytes(content))


def _package(source: Decoder) -> str:
    name, group, version, _ = (source.text() for _ in range(4))
    for _ in _texts(source, 2):
        pass
    source.u8()
    source.option(Decoder.text)
    source.mapping(Decoder.text, lambda one: (one.option(Decoder.text), one.boolean()))
    return f"{group}/{name}@{version}"


def _texts(source: Decoder, count: int) -> Iterator[str | None]:
    return (source.option(Decoder.text) for _ in range(count))
