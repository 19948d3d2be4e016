"""How filters are named, and which of a theme's colours they have."""

from pathlib import Path

from engine.consumer.step import StoredName
from engine.live.evaluation.snapshot import ConsumerSnapshot
from tui import format

FILTER_COLOURS = 6
"""Filters beyond this many share the colours of the first ones."""


def filter_colour(consumer: int) -> int:
    """The number of a consumer's colour, by its id, so that it keeps it: 1 to 6."""
    return (consumer - 1) % FILTER_COLOURS + 1


def shown_name(consumer: ConsumerSnapshot) -> str:
    """The name, as `@name` if it is that of a stored SmartStream: a file may have the same one.

    Of files with the same name, also their folder, as far as that is needed.
    """
    stored = len(consumer.steps) == 1 and isinstance(consumer.steps[0].source, StoredName)
    name = str(Path(consumer.folder, consumer.name)) if consumer.folder else consumer.name
    return f"{'@' if stored else ''}{format.harmless(name)}"


def filter_title(consumer: ConsumerSnapshot) -> str:
    """The id and the name."""
    return f"{consumer.id} {shown_name(consumer)}"
