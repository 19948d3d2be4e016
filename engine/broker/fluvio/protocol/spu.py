"""Requests to an SPU: produce, fetch, stream, and ask for offsets."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from engine.broker.fluvio.protocol.error_codes import ServerError, read_error
from engine.broker.fluvio.protocol.link import Api
from engine.broker.fluvio.protocol.wire import Decoder, Encoder, ProtocolError

_VERSION = 25
PRODUCE, FETCH, OFFSETS, STREAM = (Api(key, _VERSION) for key in (0, 1, 1002, 1003))
CONTINUE = Api(1005, 0)
LARGEST_OFFSET = 2**63 - 1
_COMMITTED = 1
_ALL_REPLICAS = -1

WriteModules = Callable[[Encoder], object]
"""Writes the SmartModules that a stream runs on the SPU, as a list."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOffsets:
    """What a partition holds that all replicas have."""

    error: ServerError | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """Records of a partition, as the log holds them: the last batch may be cut."""

    stream: int
    error: ServerError | None
    start: int
    end: int
    """The offset after the last record that all replicas have."""
    content: memoryview


def offsets_request(topic: str, partitions: Sequence[int]) -> Encoder:
    """What partitions hold."""
    return Encoder().u32(1).text(topic).items(partitions, Encoder.u32)


def read_offsets(source: Decoder) -> dict[int, HeldOffsets]:
    """By partition, of one topic."""
    found: dict[int, HeldOffsets] = {}
    for _ in range(source.u32()):
        source.text()
        for _ in range(source.u32()):
            error, partition = read_error(source), source.u32()
            found[partition] = HeldOffsets(error=error, start=source.i64(), end=source.i64())
    return found


def fetch_request(topic: str, partition: int, offset: int, max_bytes: int) -> Encoder:
    """Records from an offset on, as many as there are, in `max_bytes` bytes."""
    return (
        Encoder().i32(0).i32(0).i32(max_bytes).tag(_COMMITTED)
        .u32(1).text(topic)
        .u32(1).u32(partition).i32(-1).i64(offset).i64(-1).i32(max_bytes)
        .u32(0)
    )  # fmt: skip


def read_fetched(source: Decoder) -> Fetched:
    """Of one partition."""
    source.i32()
    error = read_error(source)
    source.i32()
    if source.u32() != 1:
        raise ProtocolError("the SPU did not answer for the topic that it was asked for")
    source.text()
    source.u32()
    found = _fetched(source, 0)
    if error is not None and found.error is None:
        raise ProtocolError(error.text)
    return found


def stream_request(
    topic: str, partition: int, offset: int, max_bytes: int, write_modules: WriteModules | None = None
) -> Encoder:
    """Records from an offset on, as they come, in answers of about `max_bytes` bytes.

    After each answer the SPU waits for the offset that comes next (`continue_request`).
    """
    body = Encoder().text(topic).u32(partition).i64(offset).i32(max_bytes).tag(_COMMITTED)
    if write_modules is None:
        body.u32(0)
    else:
        write_modules(body)
    return body.boolean(False)


def read_streamed(source: Decoder) -> Fetched:
    """An answer to `stream_request`."""
    source.text()
    return _fetched(source, source.u32())


def continue_request(stream: int, offset: int) -> Encoder:
    """Ask for what comes from an offset on."""
    return Encoder().u32(1).i64(offset).u32(stream)


def produce_request(topic: str, partition: int, batches: Sequence[bytes], timeout_ms: int) -> Encoder:
    """Append batches, and answer once all replicas have them or the time is over."""
    body = Encoder().boolean(False).i16(_ALL_REPLICAS).i32(timeout_ms)
    body.u32(1).text(topic).u32(1).u32(partition)
    body.i32(sum(map(len, batches)))
    for batch in batches:
        body.raw(batch)
    return body.u32(0)


def read_produced(source: Decoder) -> tuple[ServerError | None, int]:
    """Of one partition: the error, or the offset of the first record."""
    if source.u32() != 1:
        raise ProtocolError("the SPU did not answer for the topic that it was asked for")
    source.text()
    source.u32()
    source.u32()
    return read_error(source), source.i64()


def _fetched(source: Decoder, stream: int) -> Fetched:
    source.u32()
    error = read_error(source)
    end, _, start = source.i64(), source.i64(), source.i64()
    source.option(lambda one: one.items(lambda aborted: aborted.raw(16)))
    return Fetched(
        stream=stream,
        error=error,
        start=start,
        end=end,
        content=source.raw(source.i32()),
    )
