"""Expected failures: what is wrong, and what to do about it."""

import os
from collections.abc import Iterable, Mapping
from typing import ClassVar


class EngineError(Exception):
    """An expected failure, which is shown without a traceback."""

    code: ClassVar[str] = "error"
    """Stable; a front end finds its own remedy by it, such as an option of the command line."""

    def __init_subclass__(cls, *, code: str = "") -> None:
        cls.code = code or cls.code

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


class InternalError(EngineError, code="internal"):
    """A bug of this program, caught where it would otherwise end a thread unseen."""

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


class BrokerError(EngineError, code="broker"):
    """The broker could not do what was asked of it."""


class BrokerAddressError(BrokerError, code="broker-address"):
    """What was written in place of a broker's address is none."""


class BrokerUnreachableError(BrokerError, code="broker-unreachable"):
    """A broker does not answer. The subject is its name."""


class ReadOnlyError(BrokerError, code="read-only"):
    """A broker that was declared read-only was to be changed. The subject is its name."""


class DataFolderError(BrokerError, code="data-folder"):
    """The data folder cannot be used."""


class UnknownTopicError(BrokerError, code="unknown-topic"):
    """No topic has that name, or none any more. The subject is the name."""


class UnknownConsumerError(BrokerError, code="unknown-consumer"):
    """No position of a consumer of that name is saved."""


class ConsumerInUseError(BrokerError, code="consumer-in-use"):
    """A named consumer is running already."""


class PositionsLostError(BrokerError, code="positions-lost"):
    """A consumer could not save its positions: it has to continue from those that are saved."""


class DeletedTopicError(UnknownTopicError, code="deleted-topic"):
    """A topic was deleted while it was in use."""

    def __init__(self, topic: str, remedy: str = "") -> None:
        super().__init__(f"the topic '{topic}' was deleted while it was in use", remedy, subject=topic)


class BrokerClosedError(BrokerError, code="broker-closed"):
    """The broker was closed, here, by `close()`."""


class DamagedBatchError(BrokerError, code="damaged-batch"):
    """Acknowledged records are missing or damaged. Reading continues at `stop`, the subject."""

    def __init__(self, topic: str, partition: int, start: int, stop: int, what: str = "damaged") -> None:
        """The offsets are those from `start` to before `stop`; `what` they are is `damaged` or `missing`."""
        super().__init__(
            f"the records {start} to {stop - 1} of topic '{topic}', partition {partition}, are {what}",
            subject=str(stop),
        )
        self.topic = topic
        self.partition = partition
        self.start = start
        self.stop = stop
        self.what = what


class CorruptLogError(BrokerError, code="corrupt-log"):
    """The storage of a log is damaged, beyond single records."""


class ForeignLogError(BrokerError, code="foreign-log"):
    """The log in the data folder is not the one that was written there."""


class LostRecordError(BrokerError, code="lost-record"):
    """A record that was in the log is not there any more."""


class OutOfReachError(BrokerError, code="out-of-reach"):
    """There is no record at a place, or it is too far away."""


class NoRoomError(BrokerError, code="disk-full"):
    """The disk is full; no acknowledged record is lost."""


class RecordTooLargeError(BrokerError, code="record-too-large"):
    """A record is larger than the broker takes."""


class InputError(EngineError, code="invalid-input"):
    """No record can be made from some input."""


class CaseError(InputError, code="invalid-case"):
    """A file of cases holds something else."""


class SmartStreamError(EngineError, code="smartstream"):
    """A SmartStream cannot be loaded or run."""


class LibraryFolderError(SmartStreamError, code=DataFolderError.code):
    """The folder of stored SmartStreams cannot be used. It is in the data folder, so the code is the same."""


class UnknownSmartStreamError(SmartStreamError, code="unknown-smartstream"):
    """No SmartStream is stored under that name, or none any more. The subject is the name."""


class ContractError(SmartStreamError, code="contract"):
    """A module breaks the guest contract (docs/abi.md): it is refused, or its version stops."""


class TooManyFaultsError(SmartStreamError, code="too-many-faults"):
    """A SmartStream trapped or timed out on so many records in a row that it was stopped."""

    def __init__(self, name: str, faults: int) -> None:
        super().__init__(f"{name} was stopped after {faults:,} traps and timeouts in a row")
        self.faults = faults


class StartError(SmartStreamError):
    """The user's code fails before the first record, so that this version evaluates nothing."""

    what: ClassVar[str]

    def __init__(self, name: str, text: str, location: str = "") -> None:
        """`text` is the code's own; `location` is `path:line:column`, empty if unknown."""
        super().__init__(f"{name}: {self.what}: {text}" + (f" ({location})" if location else ""))
        self.text = text
        self.location = location


class InitError(StartError, code="init"):
    """Its init failed, such as for a parameter that is missing."""

    what = "init error"


class LookBackError(StartError, code="look-back"):
    """Its look-back failed on a stored record."""

    what = "look-back error"


class BuildError(EngineError, code="build"):
    """A SmartStream cannot be built, for a reason that is not a diagnostic of the compiler."""


class CargoError(BuildError, code="cargo"):
    """cargo failed without a diagnostic."""


class ToolchainError(BuildError, code="toolchain"):
    """No Rust toolchain with the wasm32-unknown-unknown target was found."""


class OldToolchainError(ToolchainError, code="old-toolchain"):
    """The Rust toolchain is older than what is to be built needs."""


class ToolchainInstallError(ToolchainError, code="toolchain-install"):
    """The Rust toolchain could not be installed."""


def did_you_mean(name: str, names: Iterable[str]) -> str:
    """A question that names the nearest of some names; empty if none is near."""
    from difflib import get_close_matches

    near = [f"'{other}'" for other in get_close_matches(name, [*names])]
    return f"did you mean {' or '.join(near)}?" if near else ""
