"""Opens what decodes records for a command, and reports what could not be decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from engine.broker.broker import Broker
from engine.schemas.decoders import Decoders
from tui.cli.options.decoding import DecodeOptions
from tui.cli.process.failures import report
from tui.cli.registry_choice import registry_address

if TYPE_CHECKING:
    from engine.schemas.decoding import Decoding


def open_decoders(typed: DecodeOptions) -> Decoders:
    """What decodes records; `BrokerError`."""
    return Decoders(registry_address(typed["schema_registry"]))


def decoding(typed: DecodeOptions, decoders: Decoders | None = None) -> Decoding | None:
    """How records are decoded before SmartStreams see them; None if they are not. As `Decoders.named`.

    Without `decoders`, they are opened if they are needed: a command may have to be run for a password.
    """
    if not typed["decode"]:
        return None
    from engine.schemas.decoding import Decoding

    decoders = decoders or open_decoders(typed)
    columns = {column: decoders.named(name) for column, name in typed["decode"]}
    return Decoding(columns, decoders.undecoded)


@contextmanager
def decoded(broker: Broker, typed: DecodeOptions, decoders: Decoders | None = None) -> Iterator[Broker]:
    """A broker whose records are decoded as they are read, if that was typed; reports at the end."""
    how = decoding(typed, decoders)
    if how is None:
        yield broker
        return
    from engine.broker.decoded import DecodedBroker

    with undecoded_reported(how):
        yield DecodedBroker(broker, how)


@contextmanager
def undecoded_reported(how: Decoding) -> Iterator[None]:
    """Report at the end how many keys and values could not be decoded, and why the last one could not."""
    try:
        yield
    finally:
        undecoded = how.undecoded
        if undecoded.count:
            report(f"not decoded, and left as stored: {undecoded.count:,}; the last: {undecoded.reason}")
