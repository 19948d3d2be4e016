"""All places in one value that match a search."""

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass

from engine.live.window.matcher import Matcher, Span

PLACES_KEPT = 100_000
SEARCH_SECONDS = 5.0
"""How long one value is searched: all places in it can take quadratic time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Where a value matches."""

    spans: Sequence[Span]
    """From a byte to before another, ascending; they do not overlap."""
    complete: bool
    """Whether these are all."""


def places_in(value: bytes, matcher: Matcher, stopped: threading.Event) -> Places:
    """Search a value until `stopped` is set. May take `SEARCH_SECONDS`: not for a thread that draws."""
    spans: list[Span] = []
    end = time.monotonic() + SEARCH_SECONDS
    for span in matcher.places(value):
        if stopped.is_set() or len(spans) == PLACES_KEPT or time.monotonic() > end:
            return Places(spans=spans, complete=False)
        spans.append(span)
    return Places(spans=spans, complete=True)
