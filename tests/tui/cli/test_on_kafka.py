"""Commands on a Kafka cluster: what they print, and what they refuse."""

import json
import signal
from collections.abc import Sequence
from pathlib import Path
from uuid import uuid4

import pytest

from engine.broker.kafka.broker import KafkaBroker
from engine.broker.named_consumers import Claim
from engine.records.batch import record_batch
from tests.engine.broker.kafka.conftest import broker
from tests.engine.schemas.orders import ORDER, encoded, order, order_json
from tests.kafka_cluster import Cluster
from tests.registry import framed, registry_server
from tests.tui.cli.conftest import InProcess, Outcome, Program, read_until
from tests.tui.cli.test_bad_input import assert_clear
from tests.waiting import wait_for

__all__ = ["broker"]


class OnKafka:
    """Runs commands on a cluster, with a topic of two partitions."""

    def __init__(self, here: InProcess, cluster: Cluster) -> None:
        self._here = here
        self._broker = ("--broker", f"kafka://{cluster.bootstrap}")
        self.topic = f"cli-{uuid4().hex}"
        self.ok("topic", "create", self.topic, "--partitions", "2", "--config", "max.message.bytes=5000")

    def ok(self, *arguments: str | Path) -> Outcome:
        return self._here.ok(*arguments, *self._broker)

    def run(self, *arguments: str | Path) -> Outcome:
        return self._here.run(*arguments, *self._broker)

    def consumed(self, *arguments: str) -> list[str]:
        """The sorted lines that `consume` prints of the topic, up to its end."""
        return sorted(self.ok("consume", self.topic, "-d", *arguments).out.decode().splitlines())


@pytest.fixture
def cli(here: InProcess, kafka: Cluster) -> OnKafka:
    return OnKafka(here, kafka)


def fill(broker: KafkaBroker, topic: str, stamps: Sequence[int]) -> None:
    """Records in partition 1, whose values are their times."""
    broker.log.append(topic, record_batch([b"%d" % stamp for stamp in stamps], timestamps=stamps), 1)


def test_values_in_avro_are_decoded_by_a_registry(cli: OnKafka, broker: KafkaBroker) -> None:
    with registry_server() as server:
        identity = server.add(ORDER)
        stored = [framed(identity, encoded(ORDER, order(number))) for number in range(3)]
        broker.log.append(cli.topic, record_batch([*stored, None, b"other"]), 1)
        outcome = cli.ok(
            "consume", cli.topic, "-B", "-d", "--decode", "value=avro", "--schema-registry", server.url
        )
    printed = outcome.out.splitlines()
    assert [line for line in printed if line] == [*map(order_json, range(3)), b"other"]
    assert "not decoded, and left as stored: 1" in outcome.err


def test_a_topic_is_read_from_any_place(cli: OnKafka, broker: KafkaBroker) -> None:
    fill(broker, cli.topic, [1_700_000_000_000 + 1_000 * n for n in range(10)])
    whole = [f"{1_700_000_000_000 + 1_000 * n}" for n in range(10)]
    assert cli.consumed("-B") == whole
    assert cli.consumed("--start", "7", "-p", "1") == whole[7:]
    assert cli.consumed("-T", "2", "-p", "1") == whole[8:]
    assert cli.consumed("-H", "8", "-p", "1") == whole[8:]
    assert cli.consumed("--since", "2023-11-14T22:13:25Z") == whole[5:]
    assert cli.consumed("-B", "--until", "2023-11-14T22:13:22Z") == whole[:3]
    assert cli.consumed("-B", "-n", "4") == whole[:4]


def test_keys_tombstones_and_headers_come_back(cli: OnKafka, tmp_path: Path) -> None:
    records = [
        {"key": "a", "value": "1", "headers": [{"name": "h", "value": "x"}, {"name": "h", "value": None}]},
        {"key": "b", "value": None},
    ]
    path = tmp_path / "records.json"
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    cli.ok("produce", cli.topic, path, "--json")
    found = sorted(map(json.loads, cli.consumed("-B", "-O", "json")), key=lambda record: str(record["key"]))
    assert [{name: one.get(name) for name in record} for one, record in zip(found, records, strict=True)] == (
        records
    )


def test_a_description_shows_leaders_and_settings(cli: OnKafka, broker: KafkaBroker) -> None:
    described = json.loads(cli.ok("topic", "describe", cli.topic, "-O", "json").out)
    assert described["config"] == {"max.message.bytes": "5000"}
    assert [(one["leader"], one["in_sync"]) for one in described["partitions"]] == [(0, [0]), (0, [0])]
    fill(broker, cli.topic, [1, 2])
    text = cli.ok("topic", "describe", cli.topic).out.decode()
    # Kafka does not say where offsets have gaps
    assert "≤ 2" in text
    assert "LEADER" in text
    assert "IN SYNC" in text


def test_a_named_consumer_is_set_where_it_is_to_go_on(cli: OnKafka, broker: KafkaBroker) -> None:
    fill(broker, cli.topic, range(1, 11))
    name = cli.topic
    assert len(cli.consumed("-c", name, "-B", "-n", "4")) == 4
    shown = json.loads(cli.ok("consumer", "set", name, cli.topic, "-B", "-O", "json").out)
    assert [(one["saved"], one["offset"], one["lag"]) for one in shown] == [(0, 0, 0), (4, 0, 10)]
    with broker.consumers.claim(name, cli.topic):
        assert_clear(cli.run("consumer", "set", name, cli.topic, "-B", "-y"), "already running")
    assert cli.consumed("-c", name, "-n", "1") == ["5"]
    cli.ok("consumer", "set", name, cli.topic, "-T", "2", "-y")
    assert cli.consumed("-c", name) == ["10", "9"]
    assert (
        cli.ok("consumer", "delete", name).out.decode() == f"consumer {name} deleted in topic {cli.topic}\n"
    )


def test_processes_share_the_partitions_of_a_consumer(
    cli: OnKafka, broker: KafkaBroker, kafka: Cluster, program: Program
) -> None:
    command = (
        "--broker",
        f"kafka://{kafka.bootstrap}",
        "consume",
        cli.topic,
        "-c",
        cli.topic,
        "--share",
        "-B",
    )
    both, one = b"reads partitions 0, 1", b"reads partition "

    def append(text: bytes) -> None:
        for partition in range(2):
            values = [b"%s-%d-%d" % (text, partition, number) for number in range(10)]
            broker.log.append(cli.topic, record_batch(values), partition)
            given.extend(values)

    given: list[bytes] = []
    append(b"before")
    first = program.start(*command)
    read_until(first.stderr, both)
    second = program.start(*command)
    read_until(second.stderr, one)
    read_until(first.stderr, one)
    append(b"both")
    printed = read_until(first.stdout, b"both-")
    printed_by_second = read_until(second.stdout, b"both-")
    printed += program.finish(first, signal.SIGTERM).out
    read_until(second.stderr, both)
    append(b"after")
    printed_by_second += read_until(second.stdout, b"after-0-9")
    saved = broker.consumers.saved_positions
    wait_for(lambda: [place.lag for place in saved() if place.topic == cli.topic], [0, 0].__eq__)
    printed_by_second += program.finish(second, signal.SIGTERM).out
    assert sorted(printed.split() + printed_by_second.split()) == sorted(given)


def test_a_spare_process_waits_until_another_one_leaves(cli: OnKafka, broker: KafkaBroker) -> None:
    def partitions(claim: Claim) -> frozenset[int] | None:
        claim.rebalance(lambda: None)
        return claim.partitions()

    broker.topics.create(f"{cli.topic}-1")
    first = broker.consumers.share(cli.topic, f"{cli.topic}-1")
    with broker.consumers.share(cli.topic, f"{cli.topic}-1") as spare:
        assert partitions(spare) == frozenset()
        first.close()
        wait_for(lambda: partitions(spare), {0}.__eq__)


def test_what_is_refused_is_clear(cli: OnKafka, here: InProcess, tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_text("x" * 20_000)
    assert_clear(cli.run("produce", cli.topic, path), "1 of 1 records were not stored")
    assert_clear(cli.run("consume", "no-such-topic", "-B", "-d"), "there is no topic 'no-such-topic'")
    assert_clear(here.run("topic", "list", "--broker", "kafka://127.0.0.1:1"), "does not answer", "doctor")
    assert_clear(cli.run("topic", "list", "-X", "acks=1"), "must be all", "leave it out")
