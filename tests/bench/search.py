"""Searching a window of a million records, against `rg` on the same bytes in a file."""

import shutil
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from engine.live.window.limits import WindowLimits
from engine.live.window.matcher import TextMatcher
from engine.live.window.search import Search
from engine.live.window.snapshot import WindowSnapshot
from engine.live.window.window import Window
from engine.records.batch import Batch
from tests.bench.report import Row, Samples, in_turn, ratio, table
from tests.bench.text import cut, library_text
from tests.waiting import PATIENCE

TURNS = 7
RECORDS = 1_000_000
RECORD_BYTES = 200
BATCH_RECORDS = 10_000
SEARCHES = (
    ("text, any case", "segmentation", False),
    ("text with a capital", "ValueError", False),
    ("pattern", r"raise \w+error\(", True),
)


def run(folder: Path) -> None:
    """Measure and print."""
    text = library_text(RECORDS * RECORD_BYTES).replace(b"\n", b" ")
    file = folder / "lines"
    with file.open("wb") as lines:
        for start in range(0, len(text), RECORD_BYTES):
            lines.write(text[start : start + RECORD_BYTES] + b"\n")
    window = _window(text)
    tool = "rg" if shutil.which("rg") else "grep"
    rows = [row for search in SEARCHES for row in _compare(window, file, tool, *search)]
    table(f"Searching {RECORDS:,} records of {RECORD_BYTES} bytes, median of {TURNS} turns", rows)


def _window(text: bytes) -> WindowSnapshot:
    window = Window(WindowLimits(rows=RECORDS, bytes=2 * len(text)))
    size = BATCH_RECORDS * RECORD_BYTES
    for start in range(0, len(text), size):
        batch = cut(text[start : start + size], RECORD_BYTES)
        window.append(Batch.consecutive(0, window.end_row, batch))
    return window.snapshot()


def _compare(
    window: WindowSnapshot, file: Path, tool: str, what: str, pattern: str, regex: bool
) -> list[Row]:
    command = [tool, "-c", "-a", *_options(tool, pattern, regex), "-e", pattern, str(file)]
    ours, theirs = in_turn(TURNS, _search(window, pattern, regex), _tool(command))
    return [
        (f"{what}: search", _rate(ours), ""),
        (f"{what}: {tool}", _rate(theirs), ""),
        (f"{what}: search / {tool}", f"{ratio(ours, theirs):.1f}", "of its time; expected at most 5"),
    ]


def _options(tool: str, pattern: str, regex: bool) -> list[str]:
    syntax = [] if regex and tool == "rg" else ["-E" if regex else "-F"]
    return [*syntax, *(["-i"] if pattern == pattern.lower() else [])]


def _search(window: WindowSnapshot, pattern: str, regex: bool) -> Callable[[], float]:
    def turn() -> float:
        started = time.perf_counter()
        with closing(Search(TextMatcher(pattern, regex=regex))) as search:
            search.show(window)
            assert search.wait(window, PATIENCE)
            assert len(search.hits)
            return time.perf_counter() - started

    return turn


def _tool(command: list[str]) -> Callable[[], float]:
    def turn() -> float:
        started = time.perf_counter()
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        return time.perf_counter() - started

    return turn


def _rate(samples: Samples) -> str:
    return f"{RECORDS / samples.median / 1e6:.1f} M records/s"
