"""Errors of Kafka's client as those of this program."""

import re

from confluent_kafka import KafkaError, KafkaException

from engine.errors import (
    BrokerError,
    BrokerUnreachableError,
    PositionsLostError,
    RecordTooLargeError,
)

_NOISE = re.compile(
    r"^(Broker|Local): |/bootstrap|/\d+(?=: )|ipv[46]#| \(after \d+ms in state .*\)$|\w+://(?=\S+: )"
)
"""What only those who know librdkafka can read."""

UNKNOWN_TOPIC = (
    KafkaError.UNKNOWN_TOPIC_OR_PART,
    KafkaError.UNKNOWN_TOPIC_ID,
    KafkaError._UNKNOWN_TOPIC,
    KafkaError._UNKNOWN_PARTITION,
)
UNREACHABLE = (
    KafkaError._TRANSPORT,
    KafkaError._ALL_BROKERS_DOWN,
    KafkaError._RESOLVE,
    KafkaError._TIMED_OUT,
    KafkaError._TIMED_OUT_QUEUE,
    KafkaError.REQUEST_TIMED_OUT,
)
REFUSED = (
    KafkaError._AUTHENTICATION,
    KafkaError._SSL,
    KafkaError.SASL_AUTHENTICATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
)
"""Trying again does not help."""
FORBIDDEN = (
    KafkaError.TOPIC_AUTHORIZATION_FAILED,
    KafkaError.GROUP_AUTHORIZATION_FAILED,
    KafkaError.CLUSTER_AUTHORIZATION_FAILED,
    KafkaError.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
)
NO_MEMBER = (
    KafkaError.UNKNOWN_MEMBER_ID,
    KafkaError.FENCED_MEMBER_EPOCH,
    KafkaError.STALE_MEMBER_EPOCH,
    KafkaError.ILLEGAL_GENERATION,
    KafkaError.REBALANCE_IN_PROGRESS,
)
"""The group has changed since the member last heard of it: its partitions may be those of others now."""
LEADERLESS = (
    KafkaError.NOT_LEADER_FOR_PARTITION,
    KafkaError.LEADER_NOT_AVAILABLE,
    KafkaError.OFFSET_NOT_AVAILABLE,
    KafkaError.COORDINATOR_LOAD_IN_PROGRESS,
    KafkaError.COORDINATOR_NOT_AVAILABLE,
    KafkaError.NOT_COORDINATOR,
    KafkaError.FENCED_LEADER_EPOCH,
    KafkaError.UNKNOWN_LEADER_EPOCH,
    KafkaError._NOENT,
    KafkaError._UNKNOWN_PARTITION,
)
"""Soon over: another broker takes over, or the client learns which one leads a partition."""


def kafka_error(error: BaseException) -> KafkaError | None:
    """The error of the client in an exception, if it is one."""
    found = error.args[0] if isinstance(error, KafkaException) and error.args else None
    return found if isinstance(found, KafkaError) else None


def words(error: KafkaError) -> str:
    """What an error says, as a clause."""
    text = _NOISE.sub("", error.str()).strip().rstrip(".")
    text = text or error.name()
    return text[:1].lower() + text[1:] if text[1:2].islower() else text


def broker_error(error: KafkaError, doing: str, cluster: str) -> BrokerError:
    """An error of the client while `doing` something, such as "create topic 'a'", as one of this program."""
    code, text = error.code(), words(error)
    if code in UNREACHABLE:
        return unreachable(cluster, text)
    if code in NO_MEMBER:
        return PositionsLostError(f"cannot {doing}: {text}", "run it again")
    if code in FORBIDDEN:
        return BrokerError(f"{cluster} does not allow to {doing}", "ask for the right, or use another user")
    if code in REFUSED:
        return refused(cluster, text)
    if code == KafkaError.MSG_SIZE_TOO_LARGE:
        return RecordTooLargeError(
            f"cannot {doing}: {text}",
            "produce smaller records, or raise max.message.bytes of the topic and --max-record-bytes",
        )
    return BrokerError(f"cannot {doing}: {text}")


def unreachable(cluster: str, problem: str) -> BrokerUnreachableError:
    """The error for a cluster that does not answer."""
    return BrokerUnreachableError(f"{cluster} does not answer: {problem}", subject=cluster)


def refused(cluster: str, problem: str) -> BrokerError:
    """The error for a cluster that refuses the connection."""
    return BrokerError(
        f"{cluster} refuses the connection: {problem}",
        "check user, password, sasl.mechanism and security.protocol",
    )
