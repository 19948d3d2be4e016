"""A real Kafka cluster of one or three nodes on this machine, for tests: it starts in seconds.

    with Cluster(nodes=3) as kafka:
        producer = Producer({"bootstrap.servers": kafka.bootstrap})
        kafka.kill(kafka.leader("orders"))

`python -m tests.kafka_cluster --nodes 3 [--sasl USER:PASSWORD]` runs one until it is interrupted. It needs
`java` (17 or later) and, the first time, `mvn`.
"""

import argparse
import contextlib
import logging
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Self

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.admin._metadata import ClusterMetadata, PartitionMetadata

from tests.ports import HOST, server_ports

VERSION = os.environ.get("KAFKA_FIXTURE_VERSION", "4.4.0")
JVM = ("-Xmx512m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xlog:disable")
LOGGING = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
SETTINGS = """process.roles=broker,controller controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT auto.create.topics.enable=false group.initial.rebalance.delay.ms=0
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,SASL:SASL_PLAINTEXT
broker.session.timeout.ms=2000 broker.heartbeat.interval.ms=500 controller.quorum.election.timeout.ms=500
controller.quorum.fetch.timeout.ms=1000 offsets.topic.num.partitions=4 transaction.state.log.num.partitions=4
group.consumer.min.session.timeout.ms=1000 group.consumer.session.timeout.ms=3000 log.cleaner.backoff.ms=500
group.consumer.min.heartbeat.interval.ms=500 group.consumer.heartbeat.interval.ms=500
log.initial.task.delay.ms=500 log.retention.check.interval.ms=500 log.segment.delete.delay.ms=500
log.cleaner.min.cleanable.ratio=0.01 group.min.session.timeout.ms=1000 sasl.enabled.mechanisms=PLAIN
log.retention.ms=-1 log.message.timestamp.after.max.ms=9223372036854775807
replica.socket.timeout.ms=2000 replica.lag.time.max.ms=5000"""
"""On every node: groups, failover, retention and compaction take seconds, and records may have any time."""
READY_SECONDS = 180.0
"""Far more than nodes need to know each other on a quiet machine."""
_POM = """<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>local</groupId><artifactId>kafka-for-tests</artifactId><version>1</version><dependencies><dependency>
<groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId><version>{}</version></dependency>
<dependency><groupId>org.slf4j</groupId><artifactId>slf4j-simple</artifactId><version>1.7.36</version>
</dependency></dependencies></project>"""
_JAAS = 'org.apache.kafka.common.security.plain.PlainLoginModule required user_{}="{}";'
_SILENT = logging.Logger("kafka-fixture", logging.CRITICAL + 1)
_PDEATHSIG = "import ctypes, os, sys; ctypes.CDLL(None).prctl(1, 9); os.execvp(sys.argv[1], sys.argv[1:])"
_END_WITH_PARENT = [sys.executable, "-ISc", _PDEATHSIG] if sys.platform == "linux" else []


class ClusterError(Exception):
    """The cluster cannot be started; the message says why."""


def default_cache() -> Path:
    """The folder of jars: `KAFKA_FIXTURE_CACHE`, or one in the platform's folder for caches."""
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("KAFKA_FIXTURE_CACHE") or caches / "kafka-fixture")


def missing(cache: Path | None = None) -> str | None:
    """Why no cluster can be started here (the reason of a skipped test); None where one can."""
    if shutil.which("java") is None:
        return "java is not on PATH: Kafka needs Java 17 or later"
    if shutil.which("mvn") is None and not ((cache or default_cache()) / f"kafka-{VERSION}").is_dir():
        return "mvn is not on PATH, and Kafka's jars have not been fetched before"
    return None


def fetch(cache: Path) -> Path:
    """The folder of Kafka's jars; if it is missing, Maven fills it, in one step or not at all."""
    if reason := missing(cache):
        raise ClusterError(reason)
    if not (jars := cache.absolute() / f"kafka-{VERSION}").is_dir():
        cache.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=cache.absolute()) as name:
            Path(name, "pom.xml").write_text(_POM.format(VERSION))
            mvn = ["mvn", "-q", "-B", "-DincludeScope=runtime", f"-DoutputDirectory={name}/jars"]
            _run([*mvn, "dependency:copy-dependencies"], f"Maven cannot fetch Kafka {VERSION}", Path(name))
            with contextlib.suppress(OSError):  # another process was faster
                Path(name, "jars").rename(jars)
    return jars


def _run(command: list[str], problem: str, folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode:
        raise ClusterError(f"{problem}:\n{(done.stdout + done.stderr)[-2000:]}")


@dataclass
class Node:
    """A broker that is also a controller. A restart uses the same ports and folder."""

    index: int
    folder: Path
    port: int
    controller_port: int
    sasl_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def alive(self) -> bool:
        """Whether its process exists, paused or not."""
        return self.process is not None and self.process.poll() is None

    def metadata(self) -> ClusterMetadata | None:
        """What this node knows of the cluster; None if it does not answer within seconds.

        A busy machine can need more than one of them for the connection alone.
        """
        retries = {"reconnect.backoff.ms": 20, "reconnect.backoff.max.ms": 100}
        with contextlib.suppress(KafkaException):
            client = AdminClient({"bootstrap.servers": f"{HOST}:{self.port}", **retries}, logger=_SILENT)
            return client.list_topics(timeout=5)
        return None


class Cluster:
    """Nodes 0 to `nodes - 1`; a context manager. Any thread may use it, but one at a time."""

    def __init__(
        self,
        nodes: int = 1,
        *,
        sasl: tuple[str, str] | None = None,
        config: Mapping[str, str] | None = None,
        cache: Path | None = None,
        folder: Path | None = None,
        keep: bool = False,
    ) -> None:
        """`sasl` (user, password) adds a listener, `config` overrides `SETTINGS`, `keep` keeps the files.

        `folder`, which must be empty, is for these files; a temporary one if none is given.
        """
        self._sasl, self._config, self._keep = sasl, dict(config or {}), keep
        self._jars = fetch(cache or default_cache())
        self._classes = self._jars / "classes.jsa"  # of loaded classes: a start takes 1 s less
        self.folder = folder or Path(tempfile.mkdtemp(prefix="kafka-"))
        # A node ends with the *thread* that starts it (PR_SET_PDEATHSIG): this one lasts longer.
        self._starter = ThreadPoolExecutor(1, "kafka-starter")
        ports = server_ports(3 * nodes)
        self.nodes = [Node(n, self.folder / f"node-{n}", *ports[3 * n : 3 * n + 3]) for n in range(nodes)]
        self.bootstrap = ",".join(f"{HOST}:{node.port}" for node in self.nodes)
        self.sasl_bootstrap = ",".join(f"{HOST}:{node.sasl_port}" for node in self.nodes)

    @cached_property
    def admin(self) -> AdminClient:
        """A client of the cluster, for what tests do to it."""
        return AdminClient({"bootstrap.servers": self.bootstrap}, logger=_SILENT)

    def start(self) -> Self:
        """Format the storage, start every node and wait until each knows the others."""
        try:
            self._format()
            for node in self.nodes:
                self._spawn(node)
            self.wait_ready()
        except BaseException as error:
            self._keep = self._keep or isinstance(error, ClusterError)
            self.close()
            raise
        return self

    def close(self) -> None:
        """Kill every node and remove the folder. May be called again."""
        if self.nodes[0].alive and not self._classes.exists():
            with contextlib.suppress(subprocess.TimeoutExpired, OSError):
                self.stop(0)
                (self.nodes[0].folder / self._classes.name).rename(self._classes)
        for node in self.nodes:
            if node.alive:
                self.kill(node.index)
        self._starter.shutdown()
        if not self._keep:
            shutil.rmtree(self.folder, ignore_errors=True)

    def send(self, index: int, number: signal.Signals) -> subprocess.Popen[bytes]:
        """Send a node's process a signal: SIGSTOP pauses it with its connections open."""
        process = self.nodes[index].process
        if process is None or process.poll() is not None:
            raise ClusterError(f"node {index} does not run")
        process.send_signal(number)
        return process

    def kill(self, index: int) -> None:
        """End a node as a crash does (SIGKILL)."""
        self.send(index, signal.SIGKILL).wait()

    def stop(self, index: int, timeout: float = 30) -> None:
        """End a node in order (SIGTERM): others lead its partitions before it ends."""
        self.send(index, signal.SIGTERM).wait(timeout)

    def restart(self, *indices: int) -> None:
        """Start nodes that have ended, with their ports and data, and wait until all know each other."""
        for index in indices:
            if self.nodes[index].alive:
                raise ClusterError(f"node {index} runs: stop or kill it first")
            self._spawn(self.nodes[index])
        self.wait_ready()

    def change_password(self, password: str) -> None:
        """Let users with SASL sign in with another password, at each node from its next start on."""
        if self._sasl is None:
            raise ClusterError("this cluster has no listener with SASL")
        self._sasl = self._sasl[0], password
        for node in self.nodes:
            self._configure(node)

    def wait_ready(self) -> None:
        """Wait until the metadata of every running node names every running node."""
        deadline = time.monotonic() + READY_SECONDS
        running = {node.index for node in self.nodes if node.alive}
        for node in (self.nodes[index] for index in running):
            while (found := node.metadata()) is None or not running <= found.brokers.keys():
                if not node.alive or time.monotonic() > deadline:
                    text = (node.folder / "node.log").read_text(errors="replace")[-2000:]
                    problem = f"was not ready within {READY_SECONDS:g} s" if node.alive else "has ended"
                    raise ClusterError(f"node {node.index} {problem}; its log in {node.folder}:\n{text}")
                time.sleep(0.02)

    def leader(self, topic: str, partition: int = 0) -> int:
        """The node that leads a partition, by index; -1 if none does."""
        return int(self._partition(topic, partition).leader)

    def wait_in_sync(self, topic: str) -> None:
        """Wait until all replicas of a topic's first partition have what its leader has.

        Until then, the end of the leader can leave too few to acknowledge anything.
        """
        deadline = time.monotonic() + READY_SECONDS
        while {*(found := self._partition(topic, 0)).isrs} != {*found.replicas}:
            if time.monotonic() > deadline:
                raise ClusterError(f"replicas of topic '{topic}' are not in sync after {READY_SECONDS:g} s")
            time.sleep(0.02)

    def _partition(self, topic: str, partition: int) -> PartitionMetadata:
        for found in (node.metadata() for node in self.nodes if node.alive):
            if found is not None and topic in found.topics:
                return found.topics[topic].partitions[partition]
        raise ClusterError(f"no running node knows topic '{topic}'")

    def _format(self) -> None:
        """Format one node's storage with Kafka's tool; the others differ in `meta.properties` alone."""
        for node in self.nodes:
            node.folder.mkdir(parents=True)
            self._configure(node)
        cluster, first = secrets.token_urlsafe(16), self.nodes[0].folder
        tool = ["kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "--config=server.properties"]
        _run([*self._java(), *tool], "Kafka could not format its storage", first)
        for node in self.nodes[1:]:
            shutil.copytree(first / "data", node.folder / "data")
            meta = f"version=1\ncluster.id={cluster}\nnode.id={node.index}\n"
            (node.folder / "data" / "meta.properties").write_text(meta)

    def _configure(self, node: Node) -> None:
        lines = [f"{name}={value}\n" for name, value in self._properties(node).items()]
        (node.folder / "server.properties").write_text("".join(lines))

    def _properties(self, node: Node) -> dict[str, str]:
        copies, in_sync = str(len(self.nodes)), str(max(len(self.nodes) - 1, 1))
        topics = ("default", "offsets.topic", "transaction.state.log", "share.coordinator.state.topic")
        public, sasl = [f"PLAINTEXT://{HOST}:{node.port}"], {}
        if self._sasl is not None:
            public.append(f"SASL://{HOST}:{node.sasl_port}")
            sasl["listener.name.sasl.plain.sasl.jaas.config"] = _JAAS.format(*self._sasl)
        return {
            **dict(line.split("=") for line in SETTINGS.split()),
            "node.id": str(node.index),
            "log.dirs": str(node.folder / "data"),
            "listeners": ",".join([*public, f"CONTROLLER://{HOST}:{node.controller_port}"]),
            "advertised.listeners": ",".join(public),
            "controller.quorum.voters": ",".join(f"{n.index}@{HOST}:{n.controller_port}" for n in self.nodes),
            **{f"{topic}.replication.factor": copies for topic in topics},
            **{f"{topic}.min.isr": in_sync for topic in topics[2:]},
            "min.insync.replicas": in_sync,
            **sasl,
            **self._config,
        }

    def _java(self) -> list[str]:
        """The start of a command with Kafka's classes: from their archive, or writing one at its end."""
        archive = f"-XX:SharedArchiveFile={self._classes}"
        archive = archive if self._classes.exists() else "-XX:ArchiveClassesAtExit=classes.jsa"
        return ["java", *JVM, LOGGING, archive, "-cp", f"{self._jars}/*"]

    def _spawn(self, node: Node) -> None:
        command = [*_END_WITH_PARENT, *self._java(), "kafka.Kafka", "server.properties"]
        with (node.folder / "node.log").open("ab") as log:
            start = lambda: subprocess.Popen(  # noqa: E731
                command, cwd=node.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, process_group=0
            )  # fmt: skip
            node.process = self._starter.submit(start).result()

    __enter__ = start

    def __exit__(self, *_: object) -> None:
        self.close()


def main() -> None:
    """Run a cluster until interrupted."""
    parser = argparse.ArgumentParser(description="Run a Kafka cluster for tests until Ctrl+C.")
    parser.add_argument("--nodes", type=int, choices=(1, 3), default=1)
    parser.add_argument("--sasl", metavar="USER:PASSWORD", help="add a listener with SASL PLAIN")
    parser.add_argument("--cache", type=Path, default=default_cache(), help="folder of jars (%(default)s)")
    chosen = parser.parse_args()
    user, _, password = (chosen.sasl or "").partition(":")
    sasl = (user, password) if chosen.sasl else None
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        kafka = Cluster(chosen.nodes, sasl=sasl, cache=chosen.cache)
        with contextlib.suppress(KeyboardInterrupt), kafka:
            print(f"--broker kafka://{kafka.bootstrap}\nlogs: {kafka.folder}/node-*/node.log", flush=True)
            if sasl:
                print(f"--broker kafka://{kafka.sasl_bootstrap} with SASL PLAIN", flush=True)
            signal.pause()
    except ClusterError as error:
        sys.exit(f"kafka_cluster: {error}")


if __name__ == "__main__":
    main()
