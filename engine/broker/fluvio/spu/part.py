"""A partition that an SPU evaluates: how far it is, and what stops it."""

from dataclasses import dataclass

from engine.broker.fluvio.protocol import spu
from engine.broker.fluvio.protocol.error_codes import ServerError
from engine.broker.fluvio.spu.evaluated import Evaluated
from engine.broker.fluvio.spu.stream import SpuStream
from engine.broker.remote_evaluation import RemoteRefusedError, RemoteStop
from engine.errors import EngineError

Answer = spu.Fetched | EngineError


@dataclass(slots=True, kw_only=True, eq=False)
class SpuPart:
    """A partition that is evaluated."""

    number: int
    position: int
    end: int
    accumulator: bytes | None
    stream: SpuStream | None = None
    over: bool = False
    """Whether the stream gives no more answers."""
    next_stream: SpuStream | None = None
    next_answer: Answer | None = None
    retry: float | None = None
    """When to open a stream again, by `time.monotonic()`."""
    asked: float = 0.0
    """When the SPU was sent on."""

    @property
    def finished(self) -> bool:
        return self.position >= self.end


def stop_in(part: SpuPart, found: Evaluated, error: ServerError | None, folds: bool) -> RemoteStop | None:
    """Why the SPU's answer cannot be used from some position on."""
    at = problem = None
    if found.start > part.position:
        at, until, problem = part.position, found.start, "the SPU left out records"
    elif folds and found.start < part.position:
        at, until, problem = part.position, found.first_end, "a batch began before this position"
    elif error is not None and error.failure is not None:
        at, until = found.whole_until, max(found.failed_until, error.failure.offset + 1)
        problem = error.text
    if at is None or problem is None:
        return None
    position = max(at, part.position)
    return RemoteStop(
        partition=part.number, position=position, until=max(until, position + 1), problem=problem
    )


def stopped(part: SpuPart, until: int, problem: str) -> RemoteStop:
    """A stop where the part is, because of all records up to an offset."""
    return RemoteStop(
        partition=part.number,
        position=part.position,
        until=max(until, part.position + 1),
        problem=problem,
        accumulator=part.accumulator,
    )


def refusal_of(error: ServerError | None) -> RemoteRefusedError | None:
    """A chain that an SPU does not run, in its words."""
    if error is None or error.failure is not None or not 6000 <= error.code < 6100:
        return None
    return RemoteRefusedError(f"the SPU does not run it: {error.text}")
