"""What the benchmarks of transforms share: records, a turn, and how a rate reads."""

import time
from collections.abc import Callable

from engine.records.batch import Batch
from engine.records.transform import Transform
from tests.bench.report import Samples

RECORDS = 16_000
TURNS = 15


def orders() -> list[bytes]:
    """Values of 35 bytes."""
    return [f"order {n:08d} from Lyon, {n % 977:05d} EUR".encode().ljust(35)[:35] for n in range(RECORDS)]


def turn_of(transform: Transform, batch: Batch) -> Callable[[], float]:
    """A turn: evaluates the batch, and returns the seconds that it took."""

    def turn() -> float:
        started = time.perf_counter()
        transform.evaluate(batch)
        return time.perf_counter() - started

    return turn


def rate(found: Samples) -> str:
    """How fast `RECORDS` records were evaluated."""
    return f"{RECORDS / found.median / 1e6:.2f} M/s"
