"""A filter that passes one record in a hundred: on the SPUs of a Fluvio cluster, and here."""

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.broker.address import parse_address
from engine.broker.fluvio.broker import FluvioBroker
from engine.records.batch import record_batch
from tests.bench.report import Samples, in_turn, milliseconds, ratio, table
from tests.fluvio_cluster import FluvioCluster, missing, program

RECORDS = 1_000_000
TURNS = 3
SAVES = 10
SOURCE = """#[smartstream(filter)]
fn one_in_a_hundred(value: &str) -> bool { value.starts_with("99") }
"""


def run(folder: Path) -> None:
    """Measure and print."""
    if reason := missing():
        print(f"\nSmartStreams on SPUs: skipped: {reason}")
        return
    lines, source = folder / "lines", folder / "sf1.rs"
    lines.write_text("".join(f"{number % 100:02} {'x' * 96}\n" for number in range(RECORDS)))
    source.write_text(SOURCE)
    with FluvioCluster(1, folder / "cluster") as cluster:
        home = {**os.environ, "HOME": str(cluster.home)}
        cluster.cli("topic", "create", "lines")
        subprocess.run([program("fluvio"), "produce", "lines", "-f", lines], check=True, env=home)
        received: list[str] = []

        def consumed(place: str) -> float:
            command = [*_program(cluster), "consume", "lines", "smartstream", "--inline", source]
            command += ["-B", "-d", "--run-on", place]
            started = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - started
            assert done.stdout.count("\n") == RECORDS // 100
            received.extend(re.findall(r"; (.*) received", done.stderr))
            return seconds

        on_spus, here = in_turn(TURNS, lambda: consumed("spu"), lambda: consumed("client"))
        saves = _saves(cluster, source)
    table(
        f"a filter that passes 1 % of {RECORDS:,} records of 100 bytes, build included, median of {TURNS}",
        [
            ("on the SPU", _rate(on_spus), f"{received[0]} received"),
            ("here", _rate(here), f"{lines.stat().st_size / 2**20:.0f} MiB received"),
            ("here / on the SPU", f"{ratio(here, on_spus):.2f}", ""),
        ],
    )
    table(
        f"a save of that filter while records come, median of {SAVES}",
        [
            (
                "from the save to the SPU's first new result",
                milliseconds(saves.median),
                "expected at most 1500 ms",
            )
        ],
    )


def _saves(cluster: FluvioCluster, source: Path) -> Samples:
    """How long it takes from each save until a result is printed that only the new version has."""
    command = [*_program(cluster), "consume", "saves", "smartstream", "--inline", source, "--watch"]
    seconds = []
    with FluvioBroker.connect(parse_address(cluster.address)) as broker:
        broker.topics.create("saves")
        with (
            appending(broker),
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process,
        ):
            assert process.stdout is not None
            for number in range(99, 99 - SAVES - 1, -1):
                source.write_text(SOURCE.replace("99", str(number)))
                saved = time.perf_counter()
                while not process.stdout.readline().startswith(b"%d" % number):
                    pass
                seconds.append(time.perf_counter() - saved)
            process.terminate()
    # The first one starts the program.
    return Samples(tuple(seconds[1:]))


@contextmanager
def appending(broker: FluvioBroker) -> Iterator[None]:
    """Append a record of each sort again and again."""
    done, records = threading.Event(), record_batch([b"%02d" % number for number in range(100)])

    def run() -> None:
        while not done.wait(0.02):
            broker.log.append("saves", records)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _program(cluster: FluvioCluster) -> list[str | Path]:
    return [Path(sys.executable).parent / "fluvio-tui", "--broker", cluster.address]


def _rate(samples: Samples) -> str:
    return f"{RECORDS / samples.median / 1e6:.2f} M/s"
