"""Rounds of a fuzzer in a process of their own: a crash of the interpreter fails a test, and not the run."""

import json
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

Fate = Callable[[random.Random], str]
"""One round: makes something of what chance says, and says what became of it."""

ROOT = Path(__file__).parent.parent


def fuzz(module: str, names: Sequence[str], *, rounds: int, seconds: float, seed: int = 1) -> Counter[str]:
    """Run so many rounds of a module that calls `serve`; how often each had which fate, as `name: fate`.

    Fails where a round fails, ends the process, or where it takes longer than `seconds` in all.
    """
    command = [sys.executable, "-X", "faulthandler", "-m", module, str(seed), str(rounds), *names]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=seconds)
    except subprocess.TimeoutExpired as expired:
        last = (expired.stdout or b"").splitlines()[-1:]
        raise AssertionError(f"round {last} of {names}, seed {seed}: not done within {seconds} s") from None
    told = done.stdout.splitlines()[-1:]
    assert done.returncode == 0, (
        f"round {told} of {names}, seed {seed}: status {done.returncode}\n{done.stderr[-5000:]}"
    )
    return Counter(json.loads(told[0]))


def serve(fates: Mapping[str, Fate]) -> None:
    """What the process does: `SEED ROUNDS NAME…`, where the names take turns."""
    seed, rounds, names = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
    found: Counter[str] = Counter()
    for number in range(rounds):
        # Printed before it runs: if the process crashes, this is the round.
        print(number, flush=True)
        name = names[number % len(names)]
        found[f"{name}: {fates[name](random.Random(f'{seed} {number}'))}"] += 1
    print(json.dumps(found))
