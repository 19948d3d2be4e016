"""The implementations behind the interfaces: nothing else above the engine names the embedded broker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import replace
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar

from engine.broker.topics import MAX_RECORD_BYTES
from engine.errors import BrokerError, DataFolderError
from engine.files import check_folder
from tui.cli.broker_choice import BrokerChoice, broker_choice
from tui.cli.data_folder import data_folder
from tui.cli.process.failures import report

if TYPE_CHECKING:
    from pathlib import Path

    from engine.broker.address import BrokerAddress, Scheme
    from engine.broker.broker import Broker
    from engine.broker.check import BrokerCheck
    from engine.broker.cluster import ClusterBroker
    from engine.broker.module_store import ModuleStore
    from engine.broker.sqlite.repair import Repair
    from engine.broker.topics import Compression
    from tui.cli.process.signals import StopRequest

COMPLETION_SECONDS = 1.0
"""The time limit for completing names: a cluster that has not answered by then has none to offer."""
Names = TypeVar("Names")

_ADAPTERS: dict[Scheme, tuple[str, str]] = {
    "fluvio": ("engine.broker.fluvio.broker", "FluvioBroker"),
    "kafka": ("engine.broker.kafka.broker", "KafkaBroker"),
}
"""The module and the class of each kind of cluster."""


def open_broker(
    stop: StopRequest | None = None,
    *,
    max_record_bytes: int | None = None,
    compression: Compression | None = None,
) -> Broker:
    """Open the chosen broker, a context manager; the data folder of the embedded one is created if necessary.

    A request to `stop` also ends the program while another one keeps the log locked, or a cluster does not
    answer. What the log is found to have lost goes to standard error. `max_record_bytes` and `compression`
    are for what is appended; None leaves them to the broker.
    """
    choice = broker_choice()
    for line in choice.warnings:
        report(line)
    with nullcontext() if stop is None else stop.at_once():
        broker = _opened(choice, max_record_bytes, compression)
    for line in broker.damage:
        report(line)
    if choice.read_only:
        from engine.broker.read_only import ReadOnlyBroker

        return ReadOnlyBroker(broker, choice.address.name)
    return broker


def _opened(choice: BrokerChoice, max_record_bytes: int | None, compression: Compression | None) -> Broker:
    address = choice.address
    if address.scheme == "embedded":
        return _open_embedded(max_record_bytes, compression)
    found = cluster_class(address.scheme)
    return found.connect(with_password(choice), max_record_bytes=max_record_bytes, compression=compression)


def with_password(choice: BrokerChoice) -> BrokerAddress:
    """The address with the password of its profile, for Kafka; `BrokerError` if it cannot be got."""
    address = choice.address
    if choice.password is None or "sasl.password" in address.options:
        return address
    from tui.cli.password import password_of

    found = password_of(address.name, choice.password)
    return replace(address, options=address.options.joined({"sasl.password": found}))


def _open_embedded(max_record_bytes: int | None, compression: Compression | None) -> Broker:
    from engine.broker.sqlite.broker import EmbeddedBroker

    return EmbeddedBroker.open(
        data_folder(), max_record_bytes=max_record_bytes or MAX_RECORD_BYTES, compression=compression
    )


def cluster_class(scheme: Scheme) -> type[ClusterBroker]:
    """What connects to clusters of one kind: imported here only; `BrokerError` without it."""
    module, name = _ADAPTERS[scheme]
    try:
        found: type[ClusterBroker] = getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        if error.name is None or not module.startswith(error.name):
            raise
        raise BrokerError(f"this version of fluvio-tui cannot use a {scheme} cluster") from error
    return found


def broker_checks(stop: StopRequest) -> Iterator[BrokerCheck]:
    """Try the way to the chosen cluster, step by step; the embedded broker has no steps."""
    from engine.broker.check import BrokerCheck
    from engine.broker.reachability import reach

    try:
        choice = broker_choice()
        if choice.registry is not None:
            yield _registry_check(choice)
        if choice.address.scheme == "embedded":
            return
        for line in choice.warnings:
            report(line)
        reached = [*reach(choice.address)]
        yield from reached
        stop.exit()
        ports = [check for check in reached if check.name == "port"]
        if any(check.ok for check in ports) or not reached:
            yield from cluster_class(choice.address.scheme).checks(with_password(choice))
    except BrokerError as error:
        yield BrokerCheck(name="client", ok=False, found=error.message, remedy=error.remedy)


def _registry_check(choice: BrokerChoice) -> BrokerCheck:
    """Whether the schema registry of a profile answers."""
    from engine.broker.check import BrokerCheck
    from engine.schemas.registry import Registry
    from tui.cli.registry_choice import registry_address

    try:
        address = registry_address(None, choice)
        assert address is not None, "the profile names one"
        kinds = ", ".join(Registry(address).kinds())
        return BrokerCheck(name="registry", ok=True, found=f"{address.url}: {kinds or 'no schemas'}")
    except BrokerError as error:
        return BrokerCheck(name="registry", ok=False, found=error.message, remedy=error.remedy)


@contextmanager
def temporary_broker(prefix: str) -> Iterator[Broker]:
    """A broker in a temporary folder whose name begins with `prefix`, removed after the block."""
    from engine.broker.sqlite.broker import EmbeddedBroker
    from engine.temporary_folder import temporary_folder

    with temporary_folder(prefix) as folder, EmbeddedBroker.open(folder, durable=False) as broker:
        yield broker


def repair_log(topic: str | None) -> Repair:
    """Repair the log of the data folder, or one topic of it; `BrokerError`."""
    choice = broker_choice()
    if choice.address.scheme != "embedded":
        raise BrokerError(
            f"{choice.address.name} cannot be repaired from here", "--repair is for the log in a data folder"
        )
    from engine.broker.sqlite.repair import repair

    return repair(data_folder(), topic)


@contextmanager
def open_modules(stop: StopRequest) -> Iterator[ModuleStore]:
    """The stored SmartStreams of the chosen broker. A data folder need not exist yet, and gets no log."""
    choice = broker_choice()
    if choice.address.scheme != "embedded" or choice.read_only:
        with open_broker(stop) as broker:
            yield broker.modules
        return
    from engine.broker.sqlite.modules.folder import SmartStreamStore

    folder = data_folder()
    with suppress(OSError):  # the store names what is wrong with it
        check_folder(folder, DataFolderError)
    yield SmartStreamStore(folder)


def partitions_by_topic(choice: BrokerChoice, folder: Path) -> dict[str, int]:
    """The topics of a broker, for completion: soon, and nothing is created; `EngineError`."""
    if choice.address.scheme != "embedded":
        return _answered(choice, lambda broker: {one.name: one.partitions for one in broker.topics.list()})
    from engine.broker.sqlite.completion_names import partitions_by_topic

    return partitions_by_topic(folder)


def consumer_names(choice: BrokerChoice, folder: Path) -> list[str]:
    """The named consumers of a broker, as for topics."""
    if choice.address.scheme != "embedded":
        return _answered(
            choice, lambda broker: sorted({one.consumer for one in broker.consumers.saved_positions()})
        )
    from engine.broker.sqlite.completion_names import consumer_names

    return consumer_names(folder)


def module_names(choice: BrokerChoice, folder: Path) -> list[str]:
    """The stored SmartStreams of a broker, as for topics."""
    if choice.address.scheme != "embedded":
        return _answered(choice, lambda broker: [*broker.modules.names()])
    from engine.broker.sqlite.modules.names import modules_folder, stored_names

    return stored_names(modules_folder(folder))


def _answered(choice: BrokerChoice, ask: Callable[[Broker], Names]) -> Names:
    """What a cluster answers; `BrokerUnreachableError` if it does not within `COMPLETION_SECONDS`."""
    from concurrent.futures import Future
    from threading import Thread

    from engine.errors import BrokerUnreachableError

    found: Future[Names] = Future()

    def connect_and_ask() -> None:
        try:
            with cluster_class(choice.address.scheme).connect(choice.address) as broker:
                found.set_result(ask(broker))
        except Exception as error:  # noqa: BLE001 - raised below
            found.set_exception(error)

    # The end of the program does not wait for it.
    Thread(target=connect_and_ask, name="complete", daemon=True).start()
    try:
        return found.result(COMPLETION_SECONDS)
    except TimeoutError:
        raise BrokerUnreachableError(f"{choice.address.name} does not answer") from None
