"""The programs that people use for this today, on the same work: yozefu, kaskade and toolong."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from engine.broker.address import parse_address
from engine.broker.kafka.broker import KafkaBroker
from engine.producer.producer import Producer
from engine.records.batch import record_batch
from tests.bench.peer_programs import UnavailableError, from_crates, from_pypi
from tests.bench.report import Row, Samples, in_turn, ratio, table
from tests.kafka_cluster import Cluster, missing
from tests.terminal import Terminal

RECORDS = 1_000_000
FOUND = 25
"""The last records are those that pass: kaskade shows 25 at a time, and only when it has them."""
LINES = 1_000_000
TURNS = 3
PATIENCE = 300.0
FILTER = """#[smartstream(filter)]
fn needles(value: &str) -> bool { value.contains("needle") }
"""
LAST = f"needle-{FOUND - 1:02}"
MIDST = "needle"
BESIDE = "found-here"
"""What stands beside the text searched for: that itself is also where it is typed."""
PROGRAM = str(Path(sys.executable).parent / "fluvio-tui")


def run(folder: Path) -> None:
    """Measure and print."""
    _filtering(folder)
    _searching(folder)


def _filtering(folder: Path) -> None:
    if reason := missing():
        print(f"\nyozefu and kaskade: skipped: {reason}")
        return
    with Cluster(1, folder=folder / "kafka") as cluster:
        _fill(cluster)
        source = folder / "needles.rs"
        source.write_text(FILTER)
        ours = [PROGRAM, "--broker", f"kafka://{cluster.bootstrap}", "consume", "lines"]
        ours += ["smartstream", "--inline", str(source), "-B", "-d"]
        peers: dict[str, Callable[[], float]] = {}
        _offer(peers, "yozefu, headless", lambda: _yozefu(_built_yozefu(), cluster, folder))
        _offer(peers, "kaskade", lambda: _kaskade(from_pypi("kaskade", "kaskade"), cluster))
        here, *there = in_turn(TURNS, lambda: _consumed(ours), *peers.values())
        table(
            f"A filter that passes the last {FOUND} of {RECORDS:,} records in Kafka: until the last is seen, "
            f"median of {TURNS}",
            [
                ("fluvio-tui consume, start and build included", f"{here.median:.2f} s", ""),
                *_rows(here, dict(zip(peers, there, strict=True)), "expected at least 5"),
            ],
        )


def _offer(peers: dict[str, Callable[[], float]], name: str, turn: Callable[[], Callable[[], float]]) -> None:
    """Add a peer's turn to those that are there, or say why it is not."""
    try:
        peers[name] = turn()
    except UnavailableError as error:
        print(f"\n{name}: skipped: {error}")


def _rows(here: Samples, there: dict[str, Samples], expected: str) -> list[Row]:
    rows = []
    for name, samples in there.items():
        rows += [
            (name, f"{samples.median:.2f} s", ""),
            (f"  {name} / fluvio-tui", f"{ratio(samples, here):.1f}", expected),
        ]
    return rows


def _fill(cluster: Cluster) -> None:
    values = [
        b'{"id": "%s", "level": "info", "text": "%s"}' % (_id(number).encode(), b"x" * 50)
        for number in range(RECORDS)
    ]
    with KafkaBroker.connect(parse_address(f"kafka://{cluster.bootstrap}")) as broker:
        broker.topics.create("lines")
        producer = Producer(broker.log, broker.topics.get("lines"))
        for first in range(0, RECORDS, 16_000):
            producer.append(record_batch(values[first : first + 16_000], timestamps=1_700_000_000_000))


def _id(number: int) -> str:
    found = number - (RECORDS - FOUND)
    return f"needle-{found:02}" if found >= 0 else f"plain-{number:07}"


def _consumed(command: list[str]) -> float:
    started = time.perf_counter()
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    seconds = time.perf_counter() - started
    assert done.stdout.count("needle-") == FOUND
    return seconds


def _built_yozefu() -> Path:
    # Its repository sets this flag, which a crate cannot.
    return from_crates("yozefu", "yozf", flags="--cfg tokio_unstable")


def _yozefu(program: Path, cluster: Cluster, folder: Path) -> Callable[[], float]:
    """It goes on waiting for records, so that its last line is what ends a turn."""
    home = folder / "yozefu"
    config = home / ".config/yozefu/config.json"
    config.parent.mkdir(parents=True)
    settings = {
        "initial_query": "from beginning",
        "clusters": {"bench": {"kafka": {"bootstrap.servers": cluster.bootstrap}}},
        "default_kafka_config": {},
        "history": [],
    }
    config.write_text(json.dumps(settings))
    command = [program, "--headless", "--disable-progress", "--format", "json", "--cluster", "bench"]
    command += ["--topics", "lines", 'from beginning value contains "needle"']
    environment = {**os.environ, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config")}

    def turn() -> float:
        started = time.perf_counter()
        with subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            assert any(LAST in line for line in process.stdout), "yozefu ended without the last record"
            seconds = time.perf_counter() - started
            process.kill()
        return seconds

    return turn


def _kaskade(program: Path, cluster: Cluster) -> Callable[[], float]:
    """From the key that applies the filter: without its start."""
    command = [str(program), "consumer", "-b", cluster.bootstrap, "-t", "lines", "--earliest", "-v", "string"]

    def turn() -> float:
        with Terminal(command) as terminal:
            terminal.wait_for("plain-0000020", PATIENCE)
            _press(terminal, "/", "Value contains")
            terminal.type("\t")
            time.sleep(1)
            terminal.type(MIDST)
            terminal.wait_for(MIDST, PATIENCE)
            return _press(terminal, "\r", LAST)

    return turn


def _searching(folder: Path) -> None:
    try:
        toolong = from_pypi("toolong", "tl")
    except UnavailableError as error:
        print(f"\ntoolong: skipped: {error}")
        return
    path = folder / "big.log"
    with path.open("w") as file:
        for number in range(LINES):
            what = f"{MIDST} {BESIDE}" if number == LINES // 2 else "nothing to see here"
            file.write(f"2026-11-26 04:00:{number % 60:02} INFO line-{number:07} {what} {'x' * 40}\n")
    ours, theirs = [PROGRAM, "--data", str(folder / "data"), "watch", str(path)], [str(toolong), str(path)]
    here, there = in_turn(TURNS, lambda: _opened(ours), lambda: _opened(theirs))
    found_here, found_there = in_turn(TURNS, lambda: _found_here(path), lambda: _found_by_toolong(theirs))
    table(
        f"A log file of {LINES:,} lines, {path.stat().st_size / 2**20:.0f} MiB, median of {TURNS}",
        [
            ("fluvio-tui watch: from the command to its last line on the screen", f"{here.median:.2f} s", ""),
            *_rows(here, {"toolong": there}, ""),
            ("fluvio-tui eval: from the command to the line with a text", f"{found_here.median:.2f} s", ""),
            *_rows(found_here, {"toolong, from the key": found_there}, ""),
        ],
    )


def _opened(command: list[str]) -> float:
    started = time.perf_counter()
    with Terminal(command) as terminal:
        _wait_for_end(terminal)
        return time.perf_counter() - started


def _wait_for_end(terminal: Terminal) -> None:
    terminal.wait_for(f"line-{LINES - 1:07}", PATIENCE)


def _found_here(path: Path) -> float:
    """All lines: `/` in `watch` searches those in memory, the newest 100,000."""
    command = [PROGRAM, "eval", f'text.contains("{MIDST}")']
    started = time.perf_counter()
    with path.open() as file:
        found = subprocess.run(command, stdin=file, check=True, capture_output=True, text=True).stdout
    seconds = time.perf_counter() - started
    assert BESIDE in found
    return seconds


def _found_by_toolong(command: list[str]) -> float:
    with Terminal(command) as terminal:
        _wait_for_end(terminal)
        _press(terminal, "\x1b[H", "line-0000000")
        _press(terminal, "\x06", "Case sens")
        _press(terminal, MIDST, MIDST)
        return _press(terminal, "\x1b[B", BESIDE)


def _press(terminal: Terminal, key: str, wanted: str) -> float:
    """Seconds until the answer to a key is on the screen."""
    started = time.perf_counter()
    terminal.type(key)
    terminal.wait_for(wanted, PATIENCE)
    return time.perf_counter() - started
