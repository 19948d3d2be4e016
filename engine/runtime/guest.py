"""What the engine asks of one instance of a module, whatever the contract that the module keeps."""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from wasmtime import TrapCode

from engine.records.batch import Batch
from engine.runtime.loading.module import GuestModule
from engine.runtime.memory.messages import Messages
from engine.runtime.memory.output_area import OutputColumns
from engine.runtime.watchdog import EndReason


@dataclass(eq=False)
class NoRoomError(Exception):
    """The guest has no memory for a batch."""

    text: str
    trapped: bool
    """Whether it trapped instead of reporting so; then the instance must not be called again."""
    records: int = 0
    """How many records were to be copied in."""


@dataclass(eq=False)
class CallAbortedError(Exception):
    """A call did not return."""

    reason: EndReason | None
    """Why the host ended it; None if the guest trapped."""
    code: TrapCode | None = None
    text: str = ""
    """wasmtime's text for a failure without a code."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Abort:
    """Why a call did not return, and evaluated fewer records than it was given."""

    reason: EndReason | None
    """Why the host ended it; None if the guest trapped."""
    text: str
    """Describes the trap."""
    silent: bool
    """Whether the guest aborted by itself without leaving a message."""
    heap_torn: bool
    """Whether it may have struck in the middle of an allocation."""
    grouped: bool = False
    """Whether it struck in a group of records, and it is not known in which."""


class CallResult(NamedTuple):
    """The result of one call. Indices count from the first loaded record."""

    reached: int
    """The first record without a result; the current one if the call did not return."""
    results: bytes
    """The results of the records before that, from the start of the call."""
    messages: Messages
    abort: Abort | None = None
    outputs: OutputColumns | None = None
    """Of the records with results; None if the kind makes no records."""
    needed: int = 0
    """If no record was evaluated, since there was not enough room for the first one's outputs: the bytes that
    it needs."""


class Guest(ABC):
    """An instance with at most one batch loaded. Belongs to one thread at a time."""

    used = False
    """Whether it has evaluated anything."""

    @abstractmethod
    def load(self, batch: Batch) -> int:
        """Copy leading records in, at least one; returns how many. `NoRoomError` if none fit."""

    @abstractmethod
    def evaluate(self, start: int, stop: int, accumulator: bytes = b"") -> CallResult:
        """Evaluate the loaded records `start` to before `stop`, or the first of them.

        An aggregate continues from `accumulator`; `NoRoomError` if there is no room for it.
        `ContractError` if the guest violates its contract; then it must not be used again.
        """

    @abstractmethod
    def make_room(self, size: int) -> None:
        """Let the outputs of one call take this many bytes; `NoRoomError`. The batch stays loaded."""

    @abstractmethod
    def look_back(self, batches: Sequence[Batch]) -> None:
        """Show it stored records, before it evaluates anything; `LookBackError`."""

    @abstractmethod
    def moved_to(self, module: GuestModule) -> "Guest":
        """An instance in the same state, of its module compiled otherwise; nothing is loaded in it.

        `CallAbortedError` if it was interrupted.
        """

    @abstractmethod
    def recover(self) -> bool:
        """Make ready to continue after a call that did not return; False if only a fresh instance can."""

    @property
    @abstractmethod
    def memory(self) -> int:
        """Bytes of memory in use."""

    @abstractmethod
    def close(self) -> None: ...
