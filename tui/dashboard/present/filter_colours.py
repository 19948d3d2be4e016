"""How filters are named, and which of a theme's colours they have."""

from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui import format

FILTER_COLOURS = 6
"""Filters beyond so many share the colours of the first ones."""


def filter_colour(consumer: int) -> int:
    """The number of a consumer's colour, by its id, so that it keeps it: 1 to 6."""
    return (consumer - 1) % FILTER_COLOURS + 1


def filter_title(consumer: ConsumerSnapshot) -> str:
    """The id and the name."""
    return f"{consumer.id} {format.harmless(consumer.name)}"
