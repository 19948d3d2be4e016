"""Requests to an SC: list, create and delete its objects."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.broker.fluvio.protocol.error_codes import ServerError, read_error
from engine.broker.fluvio.protocol.link import Api
from engine.broker.fluvio.protocol.wire import Decoder, Encoder

T = TypeVar("T")

_CLIENT_VERSION = "0.50.1"
"""Of the protocol, by the version of Fluvio's own client."""
_VERSION = 19
CREATE, DELETE, LIST, WATCH = (Api(key, _VERSION) for key in (1001, 1002, 1003, 1004))
VERSIONS = Api(18, 2)
TOPIC, PARTITION, SPU, SMARTMODULE = "Topic", "Partition", "SPU", "SmartModule"
"""Kinds of objects."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerVersions:
    """What a server speaks."""

    platform: str
    ranges: dict[int, tuple[int, int]]
    """By the key of an API, its oldest and newest version."""

    def speaks(self, api: Api) -> bool:
        oldest, newest = self.ranges.get(api.key, (1, 0))
        return oldest <= api.version <= newest


def versions_request() -> Encoder:
    """What a server speaks; it needs a version of its client."""
    return Encoder().text(_CLIENT_VERSION).text("").text("")


def read_versions(source: Decoder) -> ServerVersions:
    """The answer to `versions_request`."""
    read_error(source)
    ranges = {key: (oldest, newest) for key, oldest, newest in source.items(_range)}
    return ServerVersions(platform=source.text(), ranges=ranges)


def _range(source: Decoder) -> tuple[int, int, int]:
    return source.i16(), source.i16(), source.i16()


def list_request(
    kind: str, names: Sequence[str] = (), *, summary: bool = False, system: bool = False
) -> Encoder:
    """Objects of a kind: those with one of `names`, or all.

    A summary leaves out large contents. `system` asks for those of the cluster itself instead.
    """
    content = Encoder().items(names, Encoder.text).boolean(summary).boolean(system)
    return Encoder().text(kind).sized(bytes(content))


def read_list(source: Decoder, read: Callable[[Decoder], T]) -> list[T]:
    """The answer to `list_request`; `read` reads an object."""
    source.text()
    return Decoder(source.sized()).items(read)


def create_request(kind: str, name: str, write: Callable[[Encoder], object], timeout_ms: int) -> Encoder:
    """An object of a kind, whose specification `write` writes."""
    content = Encoder().text(name).boolean(False).option(timeout_ms, Encoder.u32)
    write(content)
    return Encoder().text(kind).sized(bytes(content))


def delete_request(kind: str, name: str) -> Encoder:
    """Delete an object."""
    return Encoder().text(kind).sized(bytes(Encoder().text(name).boolean(False)))


def read_status(source: Decoder) -> ServerError | None:
    """Of a request that creates or deletes: None if it was done."""
    source.text()
    error = read_error(source)
    message = source.option(Decoder.text)
    if error is not None and message:
        return ServerError(code=error.code, text=message)
    return error
