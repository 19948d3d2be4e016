"""How far a search through the log is, in words."""

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
