"""The implementations behind the interfaces: nothing else above the engine names the embedded broker."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from engine.broker.topics import MAX_RECORD_BYTES
from engine.errors import DataFolderError
from engine.files import check_folder
from tui.cli.data_folder import data_folder
from tui.cli.process.failures import report

if TYPE_CHECKING:
    from pathlib import Path

    from engine.broker.broker import Broker
    from engine.broker.module_store import ModuleStore
    from engine.broker.sqlite.repair import Repair
    from engine.broker.topics import Compression
    from tui.cli.process.signals import StopRequest


def open_broker(
    stop: StopRequest | None = None,
    *,
    max_record_bytes: int = MAX_RECORD_BYTES,
    compression: Compression | None = None,
) -> Broker:
    """Open the broker of the data folder, which is created if necessary; a context manager.

    A request to `stop` also ends the program while another one keeps the log locked. What the log is found
    to have lost goes to standard error.
    """
    from engine.broker.sqlite.broker import EmbeddedBroker

    with nullcontext() if stop is None else stop.at_once():
        broker = EmbeddedBroker.open(
            data_folder(), max_record_bytes=max_record_bytes, compression=compression
        )
    for line in broker.damage:
        report(line)
    return broker


@contextmanager
def temporary_broker(prefix: str) -> Iterator[Broker]:
    """A broker in a temporary folder whose name begins with `prefix`, removed after the block."""
    from engine.broker.sqlite.broker import EmbeddedBroker
    from engine.temporary_folder import temporary_folder

    with temporary_folder(prefix) as folder, EmbeddedBroker.open(folder, durable=False) as broker:
        yield broker


def repair_log(topic: str | None) -> Repair:
    """Repair the log of the data folder, or one topic of it; `BrokerError`."""
    from engine.broker.sqlite.repair import repair

    return repair(data_folder(), topic)


def open_store() -> ModuleStore:
    """The stored SmartStreams of the data folder, which need not exist yet."""
    from engine.library.store import SmartStreamStore

    folder = data_folder()
    with suppress(OSError):  # the store names what is wrong with it
        check_folder(folder, DataFolderError)
    return SmartStreamStore(folder)


def partitions_by_topic(folder: Path) -> dict[str, int]:
    """The topics in a data folder, for completion: fast, and nothing is created; `BrokerError`."""
    from engine.broker.sqlite.completion_names import partitions_by_topic

    return partitions_by_topic(folder)


def consumer_names(folder: Path) -> list[str]:
    """The named consumers in a data folder, for completion: fast, and nothing is created; `BrokerError`."""
    from engine.broker.sqlite.completion_names import consumer_names

    return consumer_names(folder)
