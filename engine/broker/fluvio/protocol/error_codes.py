"""The errors that Fluvio's servers answer with."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from engine.broker.fluvio.protocol.wire import Decoder, ProtocolError

NONE = 0
OFFSET_OUT_OF_RANGE = 1
OTHER = 2
NOT_LEADER = 6
TIMED_OUT = 7
TOO_LARGE = 10
OFFSET_EVICTED = 71
PARTITION_FULL = 72
TOPIC_NOT_FOUND = 2001
TOPIC_EXISTS = 2002
TOPIC_DELETED = 2007
PARTITION_NOT_LEADER = 3001
OFFSETS_DISABLED = 3004
SMARTMODULE_NOT_FOUND = 6001
SMARTMODULE_RUNTIME = 6004

_NAMES: Mapping[int, str] = {
    -1: "unknown server error",
    OFFSET_OUT_OF_RANGE: "the offset is out of range",
    NOT_LEADER: "the SPU does not lead the partition",
    TOO_LARGE: "the message is too large",
    13: "permission denied",
    56: "the SPU's storage failed",
    60: "invalid create request",
    61: "invalid delete request",
    73: "the partition takes no more records until its SPU restarts",
    1000: "SPU error",
    1001: "the SPU cannot be registered",
    1002: "the SPU is offline",
    1003: "the SPU does not exist",
    1004: "the SPU exists",
    2000: "topic error",
    TOPIC_NOT_FOUND: "the topic does not exist",
    TOPIC_EXISTS: "the topic exists",
    2003: "the topic is being created",
    2004: "invalid topic configuration",
    2005: "the topic is not provisioned",
    2006: "a topic's name has lower-case letters, digits and hyphens",
    TOPIC_DELETED: "the topic was deleted",
    2008: "invalid replica type",
    3000: "the partition is being created",
    PARTITION_NOT_LEADER: "the SPU does not lead the partition",
    3002: "the stream does not exist",
    OFFSETS_DISABLED: "the cluster does not keep positions of consumers",
    3005: "too many attempts",
    6000: "SmartModule error",
    7000: "table format error",
    9000: "the topic does not allow the compression",
    10000: "the SmartModule for deduplication is not loaded",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RuntimeFailure:
    """A record on which a SmartModule failed."""

    hint: str
    offset: int
    kind: int
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerError:
    """What a server answered in place of a result."""

    code: int
    text: str
    """A clause in Fluvio's words."""
    failure: RuntimeFailure | None = None
    """Of `SMARTMODULE_RUNTIME`."""
    next_offset: int | None = None
    """Of `OFFSET_EVICTED`: the first offset that the partition holds."""


def read_error(source: Decoder) -> ServerError | None:
    """The next error code with its details; None if it says that there was no error."""
    code = source.i16()
    if code == NONE:
        return None
    if code == SMARTMODULE_RUNTIME:
        failure = RuntimeFailure(
            hint=source.text(),
            offset=source.i64(),
            kind=source.u8(),
            key=source.option(Decoder.record_data),
            value=source.record_data(),
        )
        return ServerError(code=code, text=failure.hint, failure=failure)
    if code == OFFSET_EVICTED:
        offset, available = source.i64(), source.i64()
        text = f"offset {offset} is not held any more, the first one is {available}"
        return ServerError(code=code, text=text, next_offset=available)
    read = _DETAILS.get(code)
    if read is None and code not in _NAMES and not 3000 <= code <= 11_006:
        raise ProtocolError(f"the cluster answered with an unknown error ({code})")
    text = read(source) if read else _NAMES.get(code, f"Fluvio's error {code}")
    return ServerError(code=code, text=text)


def _timed_out(source: Decoder) -> str:
    milliseconds, _ = source.u64(), source.u8()
    return f"the cluster did not replicate the records within {milliseconds} ms"


def _full(source: Decoder) -> str:
    topic, partition = source.text(), source.u32()
    return f"the disk of partition {partition} of topic '{topic}' is full"


def _named(source: Decoder) -> str:
    return f"there is no SmartModule '{source.text()}'"


def _invalid(source: Decoder) -> str:
    problem, name = source.text(), source.option(Decoder.text)
    return f"the SmartModule{f' {name!r}' if name else ''} is invalid: {problem}"


def _exports(source: Decoder) -> str:
    problem, kind = source.text(), source.text()
    return f"the SmartModule is not a {kind}: {problem}"


def _memory(source: Decoder) -> str:
    requested, most = source.u64(), source.u64()
    return f"the SmartModule needs {requested} bytes of memory, more than {most}"


def _system(source: Decoder) -> str:
    kind, name = source.text(), source.text()
    return f"{kind} '{name}' belongs to the cluster"


_DETAILS: Mapping[int, Callable[[Decoder], str]] = {
    OTHER: Decoder.text,
    TIMED_OUT: _timed_out,
    PARTITION_FULL: _full,
    3003: Decoder.text,
    SMARTMODULE_NOT_FOUND: _named,
    6002: _invalid,
    6003: _exports,
    6005: Decoder.text,
    6006: lambda source: source.text(),
    6007: Decoder.text,
    6008: _memory,
    8001: Decoder.text,
    8003: Decoder.text,
    10001: Decoder.text,
    12001: _system,
    12002: _system,
}
