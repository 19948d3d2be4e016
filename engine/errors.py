"""Expected failures: what is wrong, and what to do about it."""

import os
from collections.abc import Iterable, Mapping
from typing import ClassVar


class EngineError(Exception):
    """An expected failure, which is shown without a traceback."""

    code: ClassVar[str] = "error"
    """Stable; a front end finds its own remedy by it, such as an option of the command line."""

    def __init__(self, message: str, remedy: str = "", *, subject: str = "") -> None:
        """Both texts are clauses without a full stop.

        `remedy` names what helps in any front end; empty if nothing is known. `subject` is what a front end's
        remedy is about, such as the name of an unknown topic.
        """
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.subject = subject

    def advice(self, by_code: Mapping[str, str]) -> str:
        """The remedy, and a front end's own of `by_code`, in which `{subject}` is replaced."""
        own = by_code.get(self.code, "").replace("{subject}", self.subject)
        if not own or not self.remedy:
            return own or self.remedy
        return f"{self.remedy} Or {own}" if self.remedy.endswith("?") else f"{self.remedy}, or {own}"


class InternalError(EngineError):
    """A bug of this program, caught where it would otherwise end a thread unseen."""

    code = "internal"

    def __init__(self, error: Exception) -> None:
        """If FLUVIO_TUI_DEBUG is set, the remedy is the traceback."""
        import logging

        # Not as an error: without a log file, logging itself would print that on standard error.
        logging.getLogger(__name__).info("internal error", exc_info=error)
        remedy = "set FLUVIO_TUI_DEBUG=1 for a traceback to report it with"
        if os.environ.get("FLUVIO_TUI_DEBUG"):
            from traceback import format_exception

            remedy = "".join(format_exception(error)).rstrip()
        super().__init__(f"internal error: {error!r}", remedy)


class BrokerError(EngineError):
    """The broker could not do what was asked of it."""

    code = "broker"


class DataFolderError(BrokerError):
    """The data folder cannot be used."""

    code = "data-folder"


class UnknownTopicError(BrokerError):
    """No topic has that name, or none any more. The subject is the name."""

    code = "unknown-topic"


class UnknownConsumerError(BrokerError):
    """No position of a consumer of that name is saved."""

    code = "unknown-consumer"


class ConsumerInUseError(BrokerError):
    """A named consumer is running already."""

    code = "consumer-in-use"


class DeletedTopicError(UnknownTopicError):
    """A topic was deleted while it was in use."""

    code = "deleted-topic"

    def __init__(self, topic: str, remedy: str = "") -> None:
        super().__init__(f"the topic '{topic}' was deleted while it was in use", remedy, subject=topic)


class BrokerClosedError(BrokerError):
    """The broker was closed, here, by `close()`."""

    code = "broker-closed"


class DamagedBatchError(BrokerError):
    """Stored records are not those that were written. Reading continues at `stop`, the subject."""

    code = "damaged-batch"

    def __init__(self, topic: str, partition: int, start: int, stop: int) -> None:
        """The damaged offsets are those from `start` to before `stop`."""
        super().__init__(
            f"the records {start} to {stop - 1} of topic '{topic}', partition {partition}, are damaged",
            subject=str(stop),
        )
        self.topic = topic
        self.partition = partition
        self.start = start
        self.stop = stop


class LostRecordError(BrokerError):
    """A record that was in the log is not there any more."""

    code = "lost-record"


class OutOfReachError(BrokerError):
    """There is no record at a place, or it is too far away."""

    code = "out-of-reach"


class NoRoomError(BrokerError):
    """The disk is full; no acknowledged record is lost."""

    code = "disk-full"


class RecordTooLargeError(BrokerError):
    """A record is larger than the broker takes."""

    code = "record-too-large"


class InputError(EngineError):
    """No record can be made from some input."""

    code = "invalid-input"


class CaseError(InputError):
    """A file of cases holds something else."""

    code = "invalid-case"


class SmartStreamError(EngineError):
    """A SmartStream cannot be loaded or run."""

    code = "smartstream"


class LibraryFolderError(SmartStreamError):
    """The folder of stored SmartStreams cannot be used. It is in the data folder, so the code is the same."""

    code = DataFolderError.code


class UnknownSmartStreamError(SmartStreamError):
    """No SmartStream is stored under that name, or none any more. The subject is the name."""

    code = "unknown-smartstream"


class ContractError(SmartStreamError):
    """A module breaks the guest contract (docs/abi.md): it is refused, or its version stops."""

    code = "contract"


class TooManyFaultsError(SmartStreamError):
    """A SmartStream trapped or timed out on so many records in a row that it was stopped."""

    code = "too-many-faults"

    def __init__(self, name: str, faults: int) -> None:
        super().__init__(f"{name} was stopped after {faults:,} traps and timeouts in a row")
        self.faults = faults


class BuildError(EngineError):
    """A SmartStream cannot be built, for a reason that is not a diagnostic of the compiler."""

    code = "build"


class CargoError(BuildError):
    """cargo failed without a diagnostic."""

    code = "cargo"


class ToolchainError(BuildError):
    """No Rust toolchain with the wasm32-unknown-unknown target was found."""

    code = "toolchain"


class ToolchainInstallError(ToolchainError):
    """The Rust toolchain could not be installed."""

    code = "toolchain-install"


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question that names the nearest of some names; empty if none is near."""
    from difflib import get_close_matches

    near = [f"'{other}'" for other in get_close_matches(name, [*names])]
    return f"did you mean {' or '.join(near)}?" if near else ""
