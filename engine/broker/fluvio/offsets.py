"""What partitions hold, as the SPUs that lead them say."""

from collections import defaultdict
from collections.abc import Iterable
from contextlib import suppress

from engine.broker.fluvio.cluster import Cluster, NoLeaderError
from engine.broker.fluvio.protocol import spu
from engine.broker.fluvio.protocol.link import Endpoint
from engine.broker.topics import OffsetRange


def held_offsets(cluster: Cluster, topic: str, partitions: Iterable[int]) -> dict[int, OffsetRange]:
    """What each partition holds that all its replicas have, but for those that no SPU leads now.

    Each offset has a record. `BrokerUnreachableError` if a leader does not answer.
    """
    by_leader: dict[Endpoint, list[int]] = defaultdict(list)
    for partition in partitions:
        with suppress(NoLeaderError):
            by_leader[cluster.leader(topic, partition)].append(partition)
    found: dict[int, OffsetRange] = {}
    for endpoint, asked in by_leader.items():
        answer = cluster.ask(endpoint, spu.OFFSETS, spu.offsets_request(topic, asked))
        for partition, held in spu.read_offsets(answer).items():
            if held.error is None:
                found[partition] = OffsetRange(held.start, held.end)
    return found
