"""Where SmartStreams run: here, or on the SPUs of a cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.cli.process.failures import Failure

if TYPE_CHECKING:
    from engine.broker.broker import Broker


def check_place(broker: Broker, run_on: str | None) -> None:
    """`Failure` if SmartStreams are asked to run on SPUs that a broker does not have."""
    if run_on == "spu" and broker.remote is None:
        raise Failure(f"broker '{broker.name}' has no SPUs to run SmartStreams on", "use --run-on client")
