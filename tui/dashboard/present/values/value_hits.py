"""The hits of a search within a value, and the one that the user went to."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine import units
from engine.live.window.matcher import Matcher, Span
from engine.live.window.places import Places


@dataclass(slots=True, kw_only=True)
class ValueHits:
    """Nothing is found until `places` are set."""

    matcher: Matcher
    places: Places | None = None
    """None while the value is searched."""
    _at: int = 0

    @property
    def spans(self) -> Sequence[Span]:
        return () if self.places is None else self.places.spans

    @property
    def current(self) -> Sequence[Span]:
        """The hit that the user went to; empty if there is none."""
        return self.spans[self._at : self._at + 1]

    def step(self, step: int) -> None:
        """Go to another hit; after the last comes the first."""
        if self.spans:
            self._at = (self._at + step) % len(self.spans)

    @property
    def words(self) -> str:
        """Which hit it is of how many, as "2 of 17"."""
        if self.places is None:
            return "searching"
        if not self.spans:
            return "no match"
        more = "" if self.places.complete else "+"
        return f"{units.count(self._at + 1)} of {units.count(len(self.spans))}{more}"
