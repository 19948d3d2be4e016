"""How long `make soak` takes and which rounds it runs: SOAK_MINUTES, SOAK_SEED, SOAK_ROUND."""

import os
import random
from dataclasses import dataclass

from tests.fuzzing import Rounds

MINUTES = float(os.environ.get("SOAK_MINUTES", "10"))
"""For all that takes as long as it is given; other tests take what they need, some minutes in all."""
WORKERS = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
"""Processes that run these tests at the same time."""
SEED = int(os.environ.get("SOAK_SEED") or random.SystemRandom().randrange(1 << 31))
ONLY = os.environ.get("SOAK_ROUND")
"""The one round to run, to see again what failed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """The part of the time of all workers that one test gets."""

    parts: int
    of: int = 20

    def rounds(self) -> Rounds:
        """Its rounds; prints how to run them again."""
        seconds = MINUTES * 60 * WORKERS * self.parts / self.of
        print(f"SOAK_SEED={SEED}")
        if ONLY is not None:
            return Rounds(seed=SEED, first=int(ONLY), count=1, seconds=max(seconds, 60.0))
        return Rounds(seed=SEED, seconds=seconds)
