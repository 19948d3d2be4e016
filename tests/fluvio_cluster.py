"""A Fluvio cluster on this machine, for tests: one SC and some SPUs, which end with the test process.

    with FluvioCluster(spus=3) as cluster:
        cluster.cli("topic", "create", "orders", "-r", "3")
        cluster.kill(cluster.leader("orders"))

`python -m tests.fluvio_cluster --spus 3` runs one until it is interrupted. The programs are those that
FLUVIO_RUN and FLUVIO_CLI name, or else they are unpacked from `../shared/fluvio`, beside the repository.
"""

import argparse
import contextlib
import hashlib
import json
import lzma
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.ports import HOST, server_ports

CONTROLLER = 0
WATERMARK = "replication.chk"
"""The file of a replica in which an SPU keeps up to where all replicas have the partition's records."""
FIRST_SPU = 5001
VARIABLES = {"fluvio-run": "FLUVIO_RUN", "fluvio": "FLUVIO_CLI"}
SHA256 = {
    "fluvio-run": "f0dada43c3aad96415666b7290d7be1c2c2fd90083ed756f7f9049ba2d0c6c0b",
    "fluvio": "6599b777833317c4572e7c8f71b0d791363b44d1e82a15f11f6627821ed593e0",
}
"""Of the unpacked programs: Fluvio 0.18.2-dev-1 for Linux on x86-64."""
PACKED = Path(__file__).resolve().parents[2] / "shared" / "fluvio"
_PRCTL = "ctypes.CDLL(None).prctl(1, 9)"
_END_WITH_PARENT = f"import ctypes, os, sys; {_PRCTL}; os.execvp(sys.argv[1], sys.argv[1:])"
_PREFIX = [sys.executable, "-ISc", _END_WITH_PARENT] if sys.platform == "linux" else []


class FluvioClusterError(Exception):
    """The cluster cannot be started, or a command failed."""


def missing() -> str | None:
    """Why no cluster can be started here, for the reason of a skipped test."""
    for name, variable in VARIABLES.items():
        if chosen := os.environ.get(variable):
            if not os.access(chosen, os.X_OK):
                return f"'{chosen}', named by {variable}, is not a program"
        elif (sys.platform, platform.machine()) != ("linux", "x86_64"):
            return f"set {variable}: the packed {name} is for Linux on x86-64"
        elif not _packed(name).is_file():
            return f"set {variable}: {_packed(name)} does not exist"
    return None


def program(name: str) -> Path:
    """The path of a program, which is unpacked into a cache folder the first time."""
    if chosen := os.environ.get(VARIABLES[name]):
        return Path(chosen).absolute()
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    unpacked = caches / "fluvio-tui-tests" / SHA256[name][:16] / name
    if not unpacked.is_file():
        content = lzma.decompress(_packed(name).read_bytes())
        if hashlib.sha256(content).hexdigest() != SHA256[name]:
            raise FluvioClusterError(f"{_packed(name)} has another checksum than this fixture expects")
        unpacked.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=unpacked.parent) as folder:
            Path(folder, name).write_bytes(content)
            Path(folder, name).chmod(0o755)
            Path(folder, name).rename(unpacked)  # other test processes may do the same at once
    return unpacked


def _packed(name: str) -> Path:
    return PACKED / f"{name}.xz"


@dataclass
class Node:
    """The SC or an SPU. Its ports and folder stay the same when it is started again."""

    id: int
    folder: Path
    port: int
    private_port: int
    process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def alive(self) -> bool:
        """Whether its process exists; it may be paused."""
        return self.process is not None and self.process.poll() is None

    @property
    def answers(self) -> bool:
        """Whether both its ports accept connections."""
        with contextlib.suppress(OSError):
            for port in (self.port, self.private_port):
                socket.create_connection((HOST, port), timeout=0.5).close()
            return True
        return False


class FluvioCluster:
    """Node 0 is the SC, nodes 5001 and up are SPUs. One thread uses it at a time."""

    def __init__(self, spus: int, folder: Path) -> None:
        """`folder` gets everything that the cluster writes."""
        if reason := missing():
            raise FluvioClusterError(reason)
        self._run, self._cli = program("fluvio-run"), program("fluvio")
        self.folder = folder
        self.home = folder / "home"
        """The home folder of clients: their profile is `.fluvio/config` in it."""
        names = {name: value for name, value in os.environ.items() if not name.startswith(("FLV", "FLUVIO"))}
        self._environment = {**names, "HOME": str(self.home)}
        # On Linux a process ends with the thread that started it: this one lives as long as the cluster.
        self._starter = ThreadPoolExecutor(1, "fluvio-starter")
        ports = iter(server_ports(2 * spus + 2))
        ids = [CONTROLLER, *range(FIRST_SPU, FIRST_SPU + spus)]
        self.nodes = {i: Node(i, folder / f"node-{i}", next(ports), next(ports)) for i in ids}
        self.endpoint = f"{HOST}:{self.nodes[CONTROLLER].port}"

    @property
    def address(self) -> str:
        """For `--broker`."""
        return f"fluvio://{self.endpoint}"

    def __enter__(self) -> Self:
        try:
            for folder in (self.home, *(node.folder for node in self.nodes.values())):
                folder.mkdir(parents=True)
            self.cli("profile", "add", "local", self.endpoint, "local")
            for node in self.nodes.values():
                if node.id != CONTROLLER:
                    ports = [
                        f"--public-server={HOST}:{node.port}",
                        f"--private-server={HOST}:{node.private_port}",
                    ]
                    self.cli("cluster", "spu", "register", f"--id={node.id}", *ports)
                self._start(node)
                self.wait_ready()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill every node. May be called again."""
        for node in reversed(self.nodes.values()):
            if node.alive:
                self.send(node.id, signal.SIGKILL).wait()
        self._starter.shutdown()

    def cli(self, *args: str, stdin: bytes = b"", timeout: float = 60) -> str:
        """Run Fluvio's own command line on this cluster; what it wrote to standard output."""
        command = [str(self._cli), *args]
        done = subprocess.run(
            command, env=self._environment, input=stdin, capture_output=True, timeout=timeout, check=False
        )
        if done.returncode:
            output = (done.stderr + done.stdout).decode(errors="replace").strip()[-2000:]
            raise FluvioClusterError(f"fluvio {' '.join(args)}: exit {done.returncode}: {output}")
        return done.stdout.decode(errors="replace")

    def send(self, node: int, number: signal.Signals) -> subprocess.Popen[bytes]:
        """Send a signal to a node: SIGSTOP pauses it with its connections open, SIGCONT lets it go on."""
        process = self.nodes[node].process
        if process is None or process.poll() is not None:
            raise FluvioClusterError(f"node {node} is not running")
        process.send_signal(number)
        return process

    def kill(self, node: int) -> None:
        """End a node as a crash does, but the SC between two writes.

        It writes its metadata in place. Killed meanwhile, it leaves an empty file, and has lost for good what
        that was about: a partition, which then nobody leads, or an SPU, and with it the whole cluster.
        """
        if node == CONTROLLER:
            self._pause_with_whole_metadata()
        self.send(node, signal.SIGKILL).wait()

    def _pause_with_whole_metadata(self) -> None:
        controller = self.nodes[CONTROLLER]
        while True:
            paused = self.send(CONTROLLER, signal.SIGSTOP)
            os.waitpid(paused.pid, os.WUNTRACED)
            if all(map(_is_whole, controller.folder.glob("metadata/*/*.yaml"))):
                return
            self.send(CONTROLLER, signal.SIGCONT)

    def restart_without_watermark(self, node: int, topic: str, partition: int = 0) -> None:
        """End an SPU and start it without what it knows of the end of a partition: its leader tells it."""
        self.kill(node)
        for path in self.nodes[node].folder.glob(f"log/*/{topic}-{partition}/{WATERMARK}"):
            path.unlink()
        self.restart(node)

    def restart(self, *nodes: int) -> None:
        """Start nodes that have ended, with their ports and data; wait until all running ones are online."""
        for node in nodes:
            if self.nodes[node].alive:
                raise FluvioClusterError(f"node {node} is running: kill it first")
            self._start(self.nodes[node])
        self.wait_ready()

    def wait_ready(self, timeout: float = 60) -> None:
        """Wait until every running node answers, and the SC says that exactly the running SPUs are online."""
        deadline = time.monotonic() + timeout
        running = [node for node in self.nodes.values() if node.alive]
        for node in running:
            while not node.answers or self.online() != {one.id for one in running} - {CONTROLLER}:
                if not node.alive or time.monotonic() > deadline:
                    log = (node.folder / "node.log").read_text(errors="replace")[-2000:]
                    problem = f"is not ready after {timeout:g} s" if node.alive else "has ended"
                    raise FluvioClusterError(f"node {node.id} {problem}; its log ends with:\n{log}")
                time.sleep(0.02)

    def online(self) -> set[int]:
        """The SPUs that the SC calls online."""
        return {one["spec"]["spuId"] for one in self._list("cluster", "spu") if _is_online(one)}

    def leader(self, topic: str, partition: int = 0) -> int:
        """The SPU that leads a partition; -1 if none that is online does."""
        found = self._partition(topic, partition)
        return int(found["spec"]["leader"]) if _is_online(found) else -1

    def behind(self, topic: str) -> set[int]:
        """The SPUs that the leader of partition 0 is not in step with, as the SC knows it."""
        found = self._partition(topic, 0)
        known = {one["spu"]: (one["hw"], one["leo"]) for one in found["status"]["replicas"]}
        leader = found["status"]["leader"]
        others = {*found["spec"]["replicas"]} - {found["spec"]["leader"]}
        return {spu for spu in others if known.get(spu) != (leader["hw"], leader["leo"])}

    def in_step(self, topic: str, end: int) -> bool:
        """Whether all replicas of partition 0 have its records, and know that all have them.

        One that does not know it, and leads next, acknowledges nothing any more: see docs/fluvio.md.
        """
        leader = self._partition(topic, 0)["status"]["leader"]
        return (leader["hw"], leader["leo"]) == (end, end) and not self.behind(topic)

    def _partition(self, topic: str, partition: int) -> dict[str, Any]:
        for one in self._list("partition"):
            if one["name"] == f"{topic}-{partition}":
                return one
        raise FluvioClusterError(f"the SC has no partition {partition} of topic '{topic}'")

    def _list(self, *what: str) -> list[dict[str, Any]]:
        output = self.cli(*what, "list", "-O", "json").strip()
        found: list[dict[str, Any]] = json.loads(output) if output.startswith("[") else []  # else a sentence
        return found

    def _start(self, node: Node) -> None:
        public, private = f"{HOST}:{node.port}", f"{HOST}:{node.private_port}"
        sc = ["sc", "--local=metadata", f"--bind-public={public}", f"--bind-private={private}"]
        spu = ["spu", f"--id={node.id}", *_addresses(node)]
        spu += [f"--sc-addr={HOST}:{self.nodes[CONTROLLER].private_port}", "--log-base-dir=log"]
        command = [*_PREFIX, str(self._run), *(sc if node.id == CONTROLLER else spu)]
        environment = {
            **self._environment,
            # Without it all SPUs of a machine use one path.
            "FLUVIO_METRIC_SPU": str(node.folder / "metrics.sock"),
            # Seconds until a replica asks again that its leader does not know yet: 10 without it.
            "FLV_SHORT_RECONCILLATION": "1",
        }

        def start() -> subprocess.Popen[bytes]:
            with (node.folder / "node.log").open("ab") as log:
                return subprocess.Popen(
                    command,
                    cwd=node.folder,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    process_group=0,
                )

        node.process = self._starter.submit(start).result()


def _is_whole(path: Path) -> bool:
    """Whether a file of the SC's metadata is not being written."""
    return path.read_bytes().endswith(b"\n")


def _addresses(node: Node) -> list[str]:
    return [f"--public-server={HOST}:{node.port}", f"--private-server={HOST}:{node.private_port}"]


def _is_online(item: dict[str, Any]) -> bool:
    return bool(item["status"]["resolution"] == "Online")


def main() -> None:
    """Run a cluster until interrupted."""
    parser = argparse.ArgumentParser(description="Run a Fluvio cluster until Ctrl-C.")
    parser.add_argument("--spus", type=int, default=1, help="number of SPUs (%(default)s)")
    chosen = parser.parse_args()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    folder = Path(tempfile.mkdtemp(prefix="fluvio-"))
    try:
        with contextlib.suppress(KeyboardInterrupt), FluvioCluster(chosen.spus, folder) as cluster:
            print(f"fluvio-tui --broker {cluster.address}\nHOME={cluster.home} fluvio …", flush=True)
            signal.pause()
    except FluvioClusterError as error:
        sys.exit(f"fluvio_cluster: {error}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
