"""`python -m tests.bench against REVISION NAME…`: benchmarks of this tree beside those of another commit.

Both run in turn, so that a noisy machine disturbs both alike; each figure is printed with the median of
the turns' ratios.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.bench.report import machine, table

ROOT = Path(__file__).parents[2]
_ROW = re.compile(r"  (?P<what>\S.*?)  +(?P<figure>\d[\d,.]*)(?: ?(?P<unit>[^\d\s][^\s]*))?(?:  .*)?")

Figures = dict[str, tuple[float, str]]
"""By description: a figure and its unit."""


def main(words: Sequence[str], benchmarks: Sequence[str]) -> None:
    """Run the named benchmarks of both trees and print the ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench against", description=__doc__)
    parser.add_argument("revision", help="the commit to compare with")
    parser.add_argument("names", nargs="+", choices=benchmarks, metavar="NAME", help=", ".join(benchmarks))
    parser.add_argument("--turns", type=int, default=3)
    arguments = parser.parse_args(words)
    print(machine(), flush=True)
    with checkout(arguments.revision) as other:
        for name in arguments.names:
            compare(name, other, arguments.revision, arguments.turns)


@contextmanager
def checkout(revision: str) -> Iterator[Path]:
    """A work tree of a commit, removed at the end."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-against-") as folder:
        tree = Path(folder) / "tree"
        _git("worktree", "add", "--detach", str(tree), revision)
        try:
            yield tree
        finally:
            _git("worktree", "remove", "--force", str(tree))


def compare(name: str, other: Path, revision: str, turns: int) -> None:
    """Run one benchmark of both trees in turn and print each figure of both, and here / there."""
    rounds = [(figures(ROOT, name), figures(other, name)) for _ in range(turns)]
    here, there = rounds[0]
    # Descriptions are reworded between versions; their order is not.
    pairs = list(zip(here, there, strict=False)) if here.keys() != there.keys() else [(n, n) for n in here]
    rows = []
    for mine, theirs in pairs:
        ratio = statistics.median(a[mine][0] / b[theirs][0] for a, b in rounds if b[theirs][0])
        values = [
            statistics.median(side[key][0] for side in column)
            for key, column in ((mine, [a for a, _ in rounds]), (theirs, [b for _, b in rounds]))
        ]
        rows.append((mine, f"{ratio:.2f}", f"{values[0]:g} / {values[1]:g} {here[mine][1]}".rstrip()))
    table(f"{name}: this tree / {revision}, median of {turns} turns", rows)


def figures(tree: Path, name: str) -> Figures:
    """What one run of a benchmark prints."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench", name],
        cwd=tree,
        # The installed command that a benchmark starts has to run this tree's code, too.
        env=os.environ | {"PYTHONPATH": str(tree)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return parsed(done.stdout.splitlines())


def parsed(lines: Sequence[str]) -> Figures:
    """The figures in printed tables."""
    found: Figures = {}
    for line in lines:
        row = _ROW.fullmatch(line)
        if row:
            found[row["what"].strip()] = float(row["figure"].replace(",", "")), row["unit"] or ""
    return found


def _git(*arguments: str) -> None:
    subprocess.run(["git", "-C", str(ROOT), *arguments], check=True, capture_output=True)
