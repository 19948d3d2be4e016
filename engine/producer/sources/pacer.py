"""Cuts records into slices that are due at a rate."""

from collections.abc import Callable, Iterator

from engine.producer.sources.record_makers import Made
from engine.rate_limiter import RateLimiter


def paced(made: Made, limiter: RateLimiter, pause: Callable[[float], bool]) -> Iterator[Made]:
    """The records in slices, each when it is due.

    `pause` waits for some seconds and says whether to go on; once it does not, no slice follows.
    """
    if limiter.per_second is None:
        yield made
        return
    start = 0
    while start < made.records.num_rows:
        if not pause(limiter.wait or 0.0):
            return
        count = min(limiter.due or 0, made.records.num_rows - start)
        wanted = None if made.partitions is None else made.partitions[start : start + count]
        yield Made(made.records.slice(start, count), wanted)
        limiter.take(count)
        start += count
