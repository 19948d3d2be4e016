"""A filter that passes one record in a hundred: on the SPUs of a Fluvio cluster, and here."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

from tests.bench.report import Samples, in_turn, ratio, table
from tests.fluvio_cluster import FluvioCluster, missing, program

RECORDS = 1_000_000
TURNS = 3
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
            command = [
                Path(sys.executable).parent / "fluvio-tui",
                "--broker",
                cluster.address,
                "consume",
                "lines",
            ]
            command += ["smartstream", "--inline", source, "-B", "-d", "--run-on", place]
            started = time.perf_counter()
            done = subprocess.run(command, check=True, capture_output=True, text=True)
            seconds = time.perf_counter() - started
            assert done.stdout.count("\n") == RECORDS // 100
            received.extend(re.findall(r"; (.*) received", done.stderr))
            return seconds

        on_spus, here = in_turn(TURNS, lambda: consumed("spu"), lambda: consumed("client"))
    table(
        f"a filter that passes 1 % of {RECORDS:,} records of 100 bytes, build included, median of {TURNS}",
        [
            ("on the SPU", _rate(on_spus), f"{received[0]} received"),
            ("here", _rate(here), f"{lines.stat().st_size / 2**20:.0f} MiB received"),
            ("here / on the SPU", f"{ratio(here, on_spus):.2f}", ""),
        ],
    )


def _rate(samples: Samples) -> str:
    return f"{RECORDS / samples.median / 1e6:.2f} M/s"
