"""`fluvio-tui produce`: four million lines of real text, of a file and of standard input."""

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests.bench.report import Samples, in_turn, ratio, table
from tests.bench.text import library_text

LINES = 4_000_000
TURNS = 3
_BYTES = 60 * LINES  # of text that has more lines than that


def run(folder: Path) -> None:
    """Measure and print."""
    source = folder / "lines"
    source.write_bytes(b"\n".join(library_text(_BYTES).split(b"\n")[:LINES]) + b"\n")
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(folder / "data")]
    produce = [*program, "produce", "text", "--create"]
    piped, named, plain = in_turn(
        TURNS,
        _run(produce, source),
        _run([*produce, str(source)], None),
        _run([*produce, "--compression", "none"], source),
    )
    size = source.stat().st_size
    table(
        f"fluvio-tui produce: {LINES:,} lines of Python sources, start-up included, median of {TURNS}",
        [
            ("produce < FILE", _rate(piped), f"{size / piped.median / 1e6:.0f} MB/s, expected at least 4.0"),
            ("produce FILE", _rate(named), f"{size / named.median / 1e6:.0f} MB/s"),
            ("produce --compression none < FILE", _rate(plain), f"{size / plain.median / 1e6:.0f} MB/s"),
            ("lz4 / not compressed", f"{ratio(plain, piped):.2f}", "expected at least 0.9"),
        ],
    )


def _run(command: list[str], source: Path | None) -> Callable[[], float]:
    def turn() -> float:
        text = None if source is None else source.open("rb")
        started = time.perf_counter()
        try:
            subprocess.run(command, stdin=text, check=True, capture_output=True)
        finally:
            if text is not None:
                text.close()
        return time.perf_counter() - started

    return turn


def _rate(samples: Samples) -> str:
    return f"{LINES / samples.median / 1e6:.2f} M/s"
