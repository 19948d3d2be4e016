import json

from engine.broker.fluvio.broker import FluvioBroker
from engine.producer.producer import Producer
from engine.records.batch import record_batch
from tests.fluvio_cluster import FluvioCluster
from tests.reading import values

KEYS = [b"k" * length + b"%d" % length for length in range(40)]


def test_keys_go_to_the_partitions_that_fluvios_own_client_chooses(
    fluvio: FluvioCluster, broker: FluvioBroker, topic_name: str
) -> None:
    theirs = broker.topics.create(topic_name, 5)
    ours = broker.topics.create(f"{topic_name}-ours", 5)
    lines = "".join(f"{key.decode()}:{key.decode()}\n" for key in KEYS)
    fluvio.cli("produce", topic_name, "--key-separator", ":", stdin=lines.encode())
    Producer(broker.log, ours).append(record_batch(KEYS, keys=KEYS))
    for partition in range(5):
        assert values(broker, ours.name, partition) == values(broker, theirs.name, partition)


def test_fluvios_own_client_reads_keys_and_times(
    fluvio: FluvioCluster, broker: FluvioBroker, topic_name: str
) -> None:
    broker.topics.create(topic_name)
    broker.log.append(topic_name, record_batch([b"v"], keys=[b"k"], timestamps=1_700_000_000_123))
    shown = fluvio.cli("consume", topic_name, "-B", "-d", "-F", '["{{key}}","{{value}}","{{time}}"]')
    assert json.loads(shown) == ["k", "v", "2023-11-14T22:13:20.123Z"]
