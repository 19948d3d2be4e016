"""`python -m tests.bench [NAME…]`: every benchmark but `fluvio` and `peers`, or those named.

`python -m tests.bench against REVISION NAME…` runs them beside those of another commit.
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.bench import (
    against,
    append,
    consume,
    dashboard,
    evaluate,
    faults,
    fluvio,
    fluvio_cluster,
    fluvio_spus,
    json_fields,
    kafka,
    kinds,
    languages,
    latency,
    peers,
    produce,
    read,
    reload,
    scale,
    scrollback,
    search,
    separate,
)
from tests.bench.report import machine

BENCHMARKS = {
    "evaluate": evaluate.run,
    "kinds": kinds.run,
    "languages": languages.run,
    "fluvio": fluvio.run,
    "kafka": kafka.run,
    "peers": peers.run,
    "fluvio-cluster": fluvio_cluster.run,
    "fluvio-spus": fluvio_spus.run,
    "json": json_fields.run,
    "faults": faults.run,
    "reload": reload.run,
    "dashboard": dashboard.run,
    "scrollback": scrollback.run,
    "search": search.run,
    "separate": separate.run,
    "latency": latency.run,
    "append": append.run,
    "read": read.run,
    "produce": produce.run,
    "consume": consume.run,
    "scale": scale.run,
}

LONG = {"fluvio", "peers"}
"""Only run when they are named: these build and install other programs."""


def main() -> None:
    """Run them one after the other, each in a folder of its own."""
    if sys.argv[1:2] == ["against"]:
        against.main(sys.argv[2:], list(BENCHMARKS))
        return
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    names = parser.parse_args().names or [name for name in BENCHMARKS if name not in LONG]
    # Without the settings of the developer.
    os.environ["FLUVIO_TUI_CONFIG"] = os.devnull
    print(machine(), flush=True)
    for name in names:
        with tempfile.TemporaryDirectory(prefix="fluvio-tui-bench-") as folder:
            BENCHMARKS[name](Path(folder))


if __name__ == "__main__":
    main()
