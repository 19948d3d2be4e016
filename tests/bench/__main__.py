"""`python -m tests.bench [NAME…]`: every benchmark, or those named."""

import argparse
import tempfile
from pathlib import Path

from tests.bench import evaluate, latency, log, reload
from tests.bench.report import machine

BENCHMARKS = {"evaluate": evaluate.run, "reload": reload.run, "latency": latency.run, "log": log.run}


def main() -> None:
    """Run them one after the other, each in a folder of its own."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument(
        "names", nargs="*", choices=[*BENCHMARKS, []], metavar="NAME", help=", ".join(BENCHMARKS)
    )
    names = parser.parse_args().names or list(BENCHMARKS)
    print(machine())
    for name in names:
        with tempfile.TemporaryDirectory(prefix="fluvio-tui-bench-") as folder:
            BENCHMARKS[name](Path(folder))


if __name__ == "__main__":
    main()
