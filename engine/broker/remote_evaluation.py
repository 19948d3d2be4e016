"""Evaluation where the records are: chains that a broker runs beside its log, so that only results are sent.

The broker says how far it has evaluated, and stops where a module fails. What failed there, and what it
cannot evaluate, is for the caller to evaluate.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from engine.broker.log import NO_ENDS, Positions
from engine.broker.topics import Topic
from engine.errors import SmartStreamError
from engine.records.batch import Batch

Accumulators = Mapping[int, bytes]
"""Where the aggregate that is the last step continues from, by partition."""


class RemoteRefusedError(SmartStreamError, code="remote-refused"):
    """A broker does not run a chain; the message has its words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStep:
    """A module of a chain, with what it runs with."""

    wasm: bytes = field(repr=False)
    """Built for the broker."""
    name: str = ""
    """Shown in the broker's own statistics."""
    params: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteOutputs:
    """What happened to the records from `start` to before the batch's next offset."""

    start: int
    batch: Batch
    """The outputs, each at the offset of its input."""
    received: int
    """Bytes that came over the network for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteStop:
    """The broker does not evaluate the next records of a partition; `go_on` says where it is to."""

    partition: int
    position: int
    """The first offset that is not evaluated."""
    until: int
    """Evaluate at least the records before this offset elsewhere."""
    problem: str
    """In the broker's words."""
    accumulator: bytes | None = None
    """Where the aggregate continues from, if there is one."""


class RemoteReader(ABC):
    """Outputs of partitions of one topic, each from its position on: a context manager.

    One thread uses it.
    """

    @abstractmethod
    def read(self, timeout: float) -> RemoteOutputs | RemoteStop | None:
        """The next outputs of a partition, waiting up to `timeout` seconds for some; None if none came.

        `RemoteRefusedError` if the broker does not run the chain, or not that of `replace`: then the one
        before continues. Otherwise as `Reader.read`.
        """

    @abstractmethod
    def go_on(self, partition: int, position: int, accumulator: bytes | None) -> None:
        """Evaluate a partition from an offset on, after a `RemoteStop`."""

    @abstractmethod
    def replace(self, steps: Sequence[RemoteStep], accumulators: Accumulators) -> None:
        """Evaluate with another chain. The one before continues until the broker has started the new one."""

    @property
    @abstractmethod
    def replacing(self) -> bool:
        """Whether another chain is being started."""

    @abstractmethod
    def close(self) -> None:
        """Stop evaluating; no read may be under way. May be called again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


class RemoteEvaluation(ABC):
    """Runs chains beside a broker's log."""

    @abstractmethod
    def open(
        self,
        topic: Topic,
        positions: Positions,
        steps: Sequence[RemoteStep],
        *,
        accumulators: Accumulators,
        ends: Positions = NO_ENDS,
    ) -> RemoteReader:
        """Evaluate partitions from `positions` on, each to before its end in `ends`, if it has one.

        `accumulators` has one for each partition if the last step is an aggregate.
        """
