"""The settings of Kafka's client: what users may set, and what this program needs as it is."""

from collections.abc import Mapping

from engine.broker.address import BrokerAddress
from engine.errors import BrokerError

_FIXED = {
    "bootstrap.servers": "the hosts are those of the address: kafka://HOST:PORT,…",
    "auto.offset.reset": "a reader that retention has passed would skip or repeat records without saying so",
    "enable.auto.commit": "positions are committed after their records were delivered, and not by time",
    "enable.auto.offset.store": "positions are committed after their records were delivered, and not by time",
    "enable.partition.eof": "reading to the end depends on it",
    "isolation.level": "records of aborted transactions are never shown",
    "partitioner": "keys go to the partitions that Java's clients choose",
    "delivery.report.only.error": "records count as produced once they are acknowledged",
    "group.id": "the name of a consumer is the id of its group",
    "group.instance.id": "it makes sure that a named consumer runs once",
    "group.protocol": "it makes sure that a named consumer runs once",
    "transactional.id": "it belongs to a pipeline",
    "plugin.library.paths": "it loads foreign code into this program",
    "opaque": "it has no meaning here",
}
"""What cannot be set, and why."""
_REQUIRED = {
    "acks": (("all", "-1"), "records count as produced once all in-sync replicas have them"),
    "request.required.acks": (("all", "-1"), "records count as produced once all in-sync replicas have them"),
    "enable.idempotence": (("true",), "a retry could store records twice, or in another order"),
    "check.crcs": (("true",), "damaged records would be read as if they were whole"),
}
"""What may be set to some values only, and why."""
_JAVA = {
    "sasl.jaas.config": "use sasl.username and sasl.password",
    "ssl.truststore.location": "use ssl.ca.location with a PEM file",
    "ssl.truststore.password": "use ssl.ca.location with a PEM file, which needs no password",
    "ssl.truststore.type": "use ssl.ca.location with a PEM file",
    "ssl.keystore.type": "use ssl.keystore.location with a PKCS#12 file",
}
"""Names of Java's clients that librdkafka does not have, and what to use instead."""
_DEFAULTS = {
    "client.id": "fluvio-tui",
    "socket.timeout.ms": "10000",
    "socket.connection.setup.timeout.ms": "5000",
    "reconnect.backoff.ms": "50",
    "reconnect.backoff.max.ms": "1000",
}


def client_settings(address: BrokerAddress) -> dict[str, str]:
    """What every client of a cluster is configured with; `BrokerError` for what may not be set."""
    for name, value in address.options.items():
        _check(name, value)
    return {**_DEFAULTS, **address.options, "bootstrap.servers": address.endpoint}


def _check(name: str, value: str) -> None:
    if name in _JAVA:
        raise BrokerError(f"Kafka's client has no setting '{name}', which is one of Java's", _JAVA[name])
    if name in _FIXED:
        raise BrokerError(f"the setting '{name}' cannot be changed: {_FIXED[name]}", "leave it out")
    allowed, reason = _REQUIRED.get(name, ((), ""))
    if allowed and value.lower() not in allowed:
        raise BrokerError(f"the setting '{name}' must be {allowed[0]}: {reason}", "leave it out")


ADMIN: Mapping[str, str | int | bool] = {
    # Questions about topics go to the controller, and the client goes on asking one that is dead.
    "topic.metadata.refresh.interval.ms": 2_000,
}
"""Of the client that asks about the cluster. It knows no topics: it learns which brokers there are."""

CONSUMER: Mapping[str, str | int | bool] = {
    "group.id": "fluvio-tui",
    "enable.auto.commit": False,
    "enable.auto.offset.store": False,
    "auto.offset.reset": "error",
    "isolation.level": "read_committed",
    "enable.partition.eof": True,
    "check.crcs": True,
    # Measured: three times the rate of the defaults.
    "fetch.queue.backoff.ms": 5,
    # Measured: reading is as fast as with four times as much, and the dashboard takes 25 to 60 MB less.
    "queued.min.messages": 20_000,
    "queued.max.messages.kbytes": 8_192,
    "fetch.message.max.bytes": 2 << 20,
    "fetch.max.bytes": 8 << 20,
}
"""Of a consumer that follows a topic. It joins no group: that setting is required all the same."""

PAGES: Mapping[str, str | int | bool] = {
    **CONSUMER,
    # A jump to another offset waits for the fetch that is under way.
    "fetch.wait.max.ms": 20,
    "queued.min.messages": 1_000,
    "queued.max.messages.kbytes": 8_192,
    "fetch.message.max.bytes": 1 << 20,
}
"""Of a consumer that jumps."""

PRODUCER: Mapping[str, str | int | bool] = {
    "acks": "all",
    "enable.idempotence": True,
    "partitioner": "murmur2_random",
    "linger.ms": 5,
    "batch.size": 1_000_000,
    "queue.buffering.max.messages": 200_000,
    "message.timeout.ms": 30_000,
}
"""Of a producer."""

MEMBER: Mapping[str, str | int | bool] = {
    **CONSUMER,
    "group.protocol": "consumer",
    "queued.min.messages": 1,
}
"""Of a member of a group: a named consumer. With the older protocol a second one would end the first."""
