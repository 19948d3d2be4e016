"""What a search has found, and how far it is, in words."""

from engine import units
from engine.live.scrollback.log_search import LogProgress


def log_words(progress: LogProgress, *, raw: bool) -> str:
    """`raw` says whether the pane shows the topic's records; a SmartStream's own are not searched."""
    what = "log" if raw else "records of the log"
    hits = units.plural(progress.hits, "hit")
    if progress.problem:
        return f"{what}: {progress.problem}"
    if progress.complete:
        return f"{what}: all {units.quantity(progress.total)} searched, {hits}"
    searched, total = units.quantity(progress.searched), units.quantity(progress.total)
    return f"{what}: searched {searched} of {total}, {hits}"


def found_words(hits: int, records: int, *, hit: int, shown: int, wrapped: str = "") -> str:
    """How many loaded records match; or, unless it is 0, which `hit` of those `shown` has the cursor.

    `wrapped` is of `wrapped_words`, while the cursor is where it took it.
    """
    if hit:
        return f"hit {units.count(hit)} of {units.count(shown)}{wrapped}"
    return f"{units.plural(hits, 'record')} of {units.count(records)}"


def wrapped_words(step: int, hits: int, *, older: bool) -> str:
    """Where another hit was found if there was none in the direction; `older` if some may not be loaded."""
    if hits == 1:
        return ""
    return " · back at the " + ("newest" if step < 0 else "oldest loaded" if older else "oldest")
