"""The stored records that a SmartStream sees before the first one that it evaluates."""

from dataclasses import replace

import numpy as np

from engine.records.batch import Batch
from engine.runtime.config import LookBack


def looked_back(stored: Batch, look_back: LookBack, now: int) -> Batch:
    """The records of `stored` that a look-back asks for, oldest first; `now` in ms since the epoch.

    With a count alone, the newest so many; with an age alone, those that are not older; with both, the newest
    of which both are true.
    """
    last = look_back.last
    first = 0 if last is None else max(len(stored) - last, 0)
    stored = stored.slice(first, len(stored))
    if look_back.age_ms is None:
        return stored
    times = stored.records.column("timestamp").to_numpy()
    young = np.flatnonzero(times >= now - look_back.age_ms)
    return replace(stored, records=stored.records.take(young), offsets=stored.offset_array()[young])
