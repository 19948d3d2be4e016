"""A connection to a Fluvio cluster."""

from collections.abc import Iterator

from engine.broker.address import BrokerAddress
from engine.broker.check import BrokerCheck
from engine.broker.cluster import ClusterBroker
from engine.broker.connection import Connection
from engine.broker.features import Features
from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.log import FluvioLog
from engine.broker.fluvio.modules import FluvioModules
from engine.broker.fluvio.named_consumers import FluvioConsumers
from engine.broker.fluvio.profile import place_of
from engine.broker.fluvio.spu.reader import SpuEvaluation
from engine.broker.fluvio.topics import FluvioTopics
from engine.broker.topics import Compression
from engine.errors import EngineError


class FluvioBroker(ClusterBroker):
    """Topics, records, consumers and SmartModules of a cluster."""

    features = Features(
        headers=False,
        tombstones=False,
        exclusive_consumers=False,
        replicas=True,
        time_lookup="bisect",
    )
    topics: FluvioTopics
    log: FluvioLog
    consumers: FluvioConsumers
    modules: FluvioModules
    remote: SpuEvaluation

    def __init__(
        self, cluster: Cluster, max_record_bytes: int | None = None, compression: Compression | None = None
    ) -> None:
        self.name = cluster.name
        self._cluster = cluster
        self.topics = FluvioTopics(cluster)
        self.log = FluvioLog(cluster, max_record_bytes, compression)
        self.consumers = FluvioConsumers(cluster)
        self.modules = FluvioModules(cluster)
        self.remote = SpuEvaluation(cluster)

    @classmethod
    def connect(
        cls,
        address: BrokerAddress,
        *,
        max_record_bytes: int | None = None,
        compression: Compression | None = None,
    ) -> "FluvioBroker":
        cluster = Cluster(place_of(address), address.name)
        try:
            cluster.handshake()
        except BaseException:
            cluster.close()
            raise
        return cls(cluster, max_record_bytes, compression)

    @classmethod
    def checks(cls, address: BrokerAddress) -> Iterator[BrokerCheck]:
        try:
            cluster = Cluster(place_of(address), address.name)
        except EngineError as error:
            yield BrokerCheck(name="profile", ok=False, found=error.message, remedy=error.remedy)
            return
        try:
            yield from _checks(cluster)
        finally:
            cluster.close()

    def connection(self) -> Connection:
        return self._cluster.status.connection()

    def close(self) -> None:
        self._cluster.close()
        self.log.close()
        self.modules.close()


def _checks(cluster: Cluster) -> Iterator[BrokerCheck]:
    try:
        versions = cluster.handshake()
        yield BrokerCheck(name="SC", ok=True, found=f"Fluvio {versions.platform}")
        view = cluster.refresh()
    except EngineError as error:
        yield BrokerCheck(name="SC", ok=False, found=error.message, remedy=error.remedy)
        return
    online = [spu for spu in view.spus.values() if spu.online]
    yield BrokerCheck(
        name="SPUs",
        ok=len(online) == len(view.spus) > 0,
        found=f"{len(online)} of {len(view.spus)} online",
        remedy="see 'fluvio cluster spu list'",
    )
    offline = sorted(f"{one.topic}-{one.partition}" for one in view.partitions.values() if not one.online)
    yield BrokerCheck(
        name="partitions",
        ok=not offline,
        found=f"{len(view.partitions)}, all with a leader"
        if not offline
        else f"without a leader: {', '.join(offline)}",
        remedy="start the SPUs that have them",
    )
    for spu in online:
        yield _check_spu(cluster, spu.id)


def _check_spu(cluster: Cluster, number: int) -> BrokerCheck:
    endpoint = cluster.endpoint(cluster.view.spus[number])
    try:
        cluster.spu_versions(endpoint)
    except EngineError as error:
        remedy = "make its public address reachable from here, or use -X use-local-address=true"
        return BrokerCheck(name=f"SPU {number}", ok=False, found=error.message, remedy=remedy)
    return BrokerCheck(name=f"SPU {number}", ok=True, found=f"{endpoint.name} answers")
