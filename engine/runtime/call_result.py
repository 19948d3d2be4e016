"""What came of a call into a guest: results, why it did not return, or that nothing fitted."""

from dataclasses import dataclass
from typing import NamedTuple

from wasmtime import TrapCode

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
