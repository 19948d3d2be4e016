"""Brokers that are clusters: how to connect to them and check them, beside what every broker can do."""

from abc import abstractmethod
from collections.abc import Iterator
from typing import Self

from engine.broker.address import BrokerAddress
from engine.broker.broker import Broker
from engine.broker.check import BrokerCheck
from engine.broker.topics import Compression


class ClusterBroker(Broker):
    """A connection to a cluster. What is lost meanwhile is reconnected to, and `connection()` says so."""

    @classmethod
    @abstractmethod
    def connect(
        cls,
        address: BrokerAddress,
        *,
        max_record_bytes: int | None = None,
        compression: Compression | None = None,
    ) -> Self:
        """Connect to a cluster.

        `BrokerUnreachableError` within two seconds if it does not answer; `BrokerError` if it refuses, or the
        client's library is not installed. `max_record_bytes` and `compression` are for what is appended here;
        None leaves it to the cluster.
        """

    @classmethod
    @abstractmethod
    def checks(cls, address: BrokerAddress) -> Iterator[BrokerCheck]:
        """What can be found out beyond names and ports (TLS, sign-in, metadata, rights), step by step.

        Each step takes two seconds at most. The steps end after the first failure that the rest needs.
        """
