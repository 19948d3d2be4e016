"""Errors that a person reads: what went wrong, and what to do about it."""

import os


class EngineError(Exception):
    """An expected failure with a message for a person.

    The command line and the dashboard print `message` and, where there is one, `remedy`; they never
    print a traceback for this class.
    """

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(message)
        self.message = message
        """One sentence without a full stop: what is wrong, naming the thing it is about."""
        self.remedy = remedy
        """What to do about it, in small letters and without a full stop; empty where nothing can be said."""


class InternalError(EngineError):
    """A mistake in this program, caught where it would otherwise end a thread unseen."""

    def __init__(self, error: Exception) -> None:
        """Where FLUVIO_TUI_DEBUG is set, the remedy is the traceback."""
        import logging

        # Not as an error: where nothing is logged, logging itself would print that on standard error.
        logging.getLogger(__name__).info("internal error", exc_info=error)
        remedy = "set FLUVIO_TUI_DEBUG=1 for a traceback to report it with"
        if os.environ.get("FLUVIO_TUI_DEBUG"):
            from traceback import format_exception

            remedy = "".join(format_exception(error)).rstrip()
        super().__init__(f"internal error: {error!r}", remedy)


class BrokerError(EngineError):
    """The broker could not do what was asked of it."""


class UnknownTopicError(BrokerError):
    """A topic of that name does not exist (any more)."""


class UnknownConsumerError(BrokerError):
    """No position is kept for a consumer of that name."""


class ConsumerInUseError(BrokerError):
    """A named consumer is running already."""


class DeletedTopicError(UnknownTopicError):
    """A topic was deleted while it was in use."""

    def __init__(self, topic: str, remedy: str = "") -> None:
        super().__init__(f"the topic '{topic}' was deleted while it was in use", remedy)


class BrokerClosedError(BrokerError):
    """The broker was closed, here, by `close()`."""


class DamagedBatchError(BrokerError):
    """Stored records are not those that were written. Reading goes on at `stop`."""

    def __init__(self, topic: str, partition: int, start: int, stop: int) -> None:
        super().__init__(
            f"the records {start} to {stop - 1} of topic '{topic}', partition {partition}, are damaged",
            f"the other records are not affected: consume passes over these with --skip-damaged, or goes on "
            f"behind them with --start {stop}",
        )
        self.topic = topic
        self.partition = partition
        self.start = start
        """The first damaged offset."""
        self.stop = stop
        """The offset after the last damaged one."""


class LostRecordError(BrokerError):
    """A record that was in the log is there no more."""


class OutOfReachError(BrokerError):
    """No record is where somebody wants to go, or it is too far away."""


class NoRoomError(BrokerError):
    """The disk is full; nothing that was acknowledged is lost."""


class RecordTooLargeError(BrokerError):
    """A record is larger than the broker takes."""


class InputError(EngineError):
    """No record can be made of what was put in."""


class SmartStreamError(EngineError):
    """A SmartStream cannot be loaded or run."""


class UnknownSmartStreamError(SmartStreamError):
    """No SmartStream is stored under that name (any more)."""


class ContractError(SmartStreamError):
    """A module breaks the guest contract (docs/abi.md): it is refused, or its version stops."""


class TooManyFaultsError(SmartStreamError):
    """A SmartStream crashed, or took too long, on so many records in a row that it was stopped."""

    def __init__(self, name: str, faults: int) -> None:
        super().__init__(
            f"{name} was stopped after {faults:,} traps and timeouts in a row",
            "mend it; 'fluvio-tui smartstream test' says what it makes of single records",
        )
        self.faults = faults


class BuildError(EngineError):
    """An inline SmartStream cannot be built, for a reason that is no diagnostic of the compiler's."""


class ToolchainError(BuildError):
    """No Rust toolchain with the wasm32-unknown-unknown target was found."""
