"""Says once what a broker is waited for, as soon as that is known."""

from engine.broker.broker import Broker
from tui.cli.process.failures import report


class Outage:
    """A line on standard error for each time in which a broker does not go on."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._told = False

    def look(self) -> None:
        """Called while nothing comes."""
        connection = self._broker.connection()
        if connection.problem and not self._told:
            report(f"waiting for broker {self._broker.name}: {connection.problem}")
        self._told = bool(connection.problem)
