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
    from engine.schemas.decoding import TopicDecoding


def open_decoders(typed: DecodeOptions) -> Decoders:
    """What decodes records; `BrokerError`."""
    return Decoders(registry_address(typed["schema_registry"]))


@contextmanager
def decoding(typed: DecodeOptions, decoders: Decoders | None = None) -> Iterator[TopicDecoding | None]:
    """How records are decoded before SmartStreams see them; None if they are not. As `Decoders.named`.

    Without `decoders`, they are opened if they are needed: a command may have to be run for a password.
    Reports at the end how many keys and values could not be decoded, and why the last one could not.
    """
    if not typed["decode"]:
        yield None
        return
    from engine.schemas.decoding import TopicDecoding

    decoders = decoders or open_decoders(typed)
    columns = {column: decoders.named(name) for column, name in typed["decode"]}
    try:
        yield TopicDecoding(columns=columns, undecoded=decoders.undecoded)
    finally:
        for topic, left in decoders.undecoded.topics().items():
            if left.count:
                report(f"{topic}: not decoded, and left as stored: {left.count:,}; the last: {left.reason}")


@contextmanager
def decoded(broker: Broker, typed: DecodeOptions, decoders: Decoders | None = None) -> Iterator[Broker]:
    """A broker whose records are decoded as they are read, if that was typed; as `decoding`."""
    with decoding(typed, decoders) as how:
        if how is None:
            yield broker
            return
        from engine.broker.decoded import DecodedBroker

        yield DecodedBroker(broker, how)
