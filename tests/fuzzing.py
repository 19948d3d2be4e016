"""Rounds of a fuzzer in a process of their own: a crash of the interpreter fails a test, and not the run."""

import json
import logging
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

Fate = Callable[[random.Random], str]
"""One round: makes something of what chance says, and says what became of it."""

ROOT = Path(__file__).parent.parent


@dataclass(frozen=True, slots=True, kw_only=True)
class Rounds:
    """Which rounds to run. Each depends on the seed and its number alone."""

    seed: int = 1
    first: int = 0
    count: int | None = None
    """None for as many as there is time for."""
    seconds: float
    """No round begins after this."""


def fuzz(module: str, names: Sequence[str], rounds: Rounds, *, patience: float = 60.0) -> Counter[str]:
    """Run rounds of a module that calls `serve`; how often each had which fate, as `name: fate`.

    Fails where a round fails or ends the process, or is not done `patience` seconds after the time is up.
    """
    asked = json.dumps({"rounds": asdict(rounds), "names": names})
    command = [sys.executable, "-X", "faulthandler", "-m", module, asked]
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, text=True, timeout=rounds.seconds + patience
        )
    except subprocess.TimeoutExpired as expired:
        last = (expired.stdout or b"").decode().splitlines()[-1:]
        raise AssertionError(f"{_round(last, names, rounds)}: not done in time") from None
    said = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, f"{_round(said, names, rounds)}: {done.returncode}\n{done.stderr[-5000:]}"
    return Counter(json.loads(said[0]))


def _round(last: Sequence[str], names: Sequence[str], rounds: Rounds) -> str:
    number = last[0] if last else "none"
    return f"SOAK_SEED={rounds.seed} SOAK_ROUND={number} of {', '.join(names)}"


def serve(fates: Mapping[str, Fate]) -> None:
    """What the process does; the names take turns."""
    logging.disable()
    asked = json.loads(sys.argv[1])
    rounds, names = Rounds(**asked["rounds"]), asked["names"]
    end = time.monotonic() + rounds.seconds
    found: Counter[str] = Counter()
    number = rounds.first
    while time.monotonic() < end and number - rounds.first != rounds.count:
        # Printed before it runs: if the process crashes, this is the round.
        print(number, flush=True)
        name = names[number % len(names)]
        found[f"{name}: {fates[name](random.Random(f'{rounds.seed} {number}'))}"] += 1
        number += 1
    print(json.dumps(found))
