"""The stored records that a SmartStream sees before the first one that it evaluates."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from engine.broker.log import Log
from engine.records.batch import Batch, concatenated, now_ms
from engine.runtime.config import LookBack

MOST_RECORDS = 1 << 20
"""For a look-back by age alone, per partition: it has to fit into memory."""


def looked_back(stored: Batch, look_back: LookBack, now: int) -> Batch:
    """The records of `stored` that a look-back asks for, oldest first; `now` in ms since the epoch.

    With a count, that many of the newest; with an age, those that are not older; with both, those that are in
    both.
    """
    if look_back.last is not None:
        stored = stored.slice(max(len(stored) - look_back.last, 0), len(stored))
    if look_back.age_ms is None:
        return stored
    times = stored.records.column("timestamp").to_numpy()
    young = np.flatnonzero(times >= now - look_back.age_ms)
    return replace(stored, records=stored.records.take(young), offsets=stored.offset_array()[young])


def look_back_in(log: Log, topic: str, partition: int, before: int, look_back: LookBack, now: int) -> Batch:
    """The records of a partition before an offset that a look-back asks for."""
    wanted = MOST_RECORDS if look_back.last is None else look_back.last
    first = 0
    if look_back.age_ms is not None:
        start = log.offsets(topic)[partition].start
        first = log.offset_at(topic, now - look_back.age_ms, {partition: start})[partition]
    page = log.page(topic, partition, before, wanted)
    pages = [page]
    while page.records.num_rows and page.first_offset > first and (wanted := wanted - len(page)) > 0:
        page = log.page(topic, partition, page.first_offset, wanted)
        pages.append(page)
    return looked_back(concatenated(*reversed(pages)), look_back, now)


def stored_before(log: Log, topic: str, ends: Mapping[int, int], look_back: LookBack) -> list[Batch]:
    """What a look-back asks for now, in each partition before its offset in `ends`."""
    now = now_ms()
    return [look_back_in(log, topic, partition, end, look_back, now) for partition, end in ends.items()]
