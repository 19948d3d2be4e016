"""What tells consumers of one name apart: the folders of their files."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path

from engine.consumer.step import StoredName
from engine.live.evaluation.snapshot import ConsumerSnapshot


def told_apart(consumers: Sequence[ConsumerSnapshot]) -> tuple[ConsumerSnapshot, ...]:
    """The same consumers, with a `folder` where others have the same name; not for chains."""
    parents: dict[str, set[Path]] = {}
    for one in consumers:
        if (parent := _parent(one)) is not None:
            parents.setdefault(one.name, set()).add(parent)
    if all(len(several) == 1 for several in parents.values()):
        return tuple(consumers)
    return tuple(_with_folder(one, parents.get(one.name, ())) for one in consumers)


def _with_folder(consumer: ConsumerSnapshot, parents: Collection[Path]) -> ConsumerSnapshot:
    parent = _parent(consumer)
    if parent is None or len(parents) < 2:
        return consumer
    return replace(consumer, folder=_ending(parent, [other for other in parents if other != parent]))


def _parent(consumer: ConsumerSnapshot) -> Path | None:
    """The folder of its file; None for a chain and what is stored."""
    if len(consumer.steps) != 1 or isinstance(consumer.steps[0].source, StoredName):
        return None
    return consumer.steps[0].source.path.absolute().parent


def _ending(folder: Path, others: Collection[Path]) -> str:
    """The shortest end of a folder's path that none of the others has."""
    for length in range(1, len(folder.parts)):
        if all(other.parts[-length:] != folder.parts[-length:] for other in others):
            return str(Path(*folder.parts[-length:]))
    return str(folder)
