"""Choosing columns: which there are, which are shown, in which order and how wide."""

from collections.abc import Sequence
from dataclasses import dataclass

from engine import units
from engine.fields.path import path_text
from engine.fields.profile import FieldProfile
from tui import format
from tui.config.column_names import PARTS, Name

_EXAMPLES = 40
"""Cells."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A column that can be shown, and what is known of it."""

    name: str
    type: str = "record"
    share: str = ""
    """How many of the newest records have it."""
    distinct: str = ""
    examples: str = ""


def candidates(profiles: Sequence[FieldProfile]) -> Sequence[Candidate]:
    """Parts of a record, then the fields of its value."""
    return [*(Candidate(name=name) for name in PARTS), *map(_field, profiles)]


def _field(one: FieldProfile) -> Candidate:
    examples = " · ".join(format.harmless(text) for text in one.examples)
    return Candidate(
        name=path_text(one.path),
        type=one.type.value,
        share=units.percent(one.share),
        distinct="same in all" if one.constant else f"{units.count(one.distinct)} values",
        examples=format.clip(examples, _EXAMPLES),
    )


class Choice:
    """What is chosen so far, in order."""

    def __init__(self, names: Sequence[Name], others: Sequence[Candidate]) -> None:
        self.names = list(names)
        known = {one.name: one for one in others}
        self._all = {name.name: known.get(name.name, Candidate(name=name.name, type="")) for name in names}
        self._all |= {name: one for name, one in known.items() if name not in self._all}

    def matching(self, wanted: str) -> Sequence[Candidate]:
        """Those whose names contain a text: what is shown first, in its order."""
        shown = [name.name for name in self.names]
        order = [*shown, *(name for name in self._all if name not in shown)]
        return [self._all[name] for name in order if wanted.lower() in name.lower()]

    def shown(self, name: str) -> Name | None:
        """The column of that name; None if it is not shown."""
        return next((one for one in self.names if one.name == name), None)

    def toggle(self, name: str) -> None:
        """Show a column as the last one, or hide it."""
        found = self.shown(name)
        if found is None:
            self.names.append(Name(name))
        else:
            self.names.remove(found)

    def move(self, name: str, step: int) -> None:
        found = self.shown(name)
        if found is not None:
            position = self.names.index(found)
            self.names.insert(min(max(position + step, 0), len(self.names)), self.names.pop(position))

    def resize(self, name: str, cells: int) -> None:
        """Give a column a width."""
        found = self.shown(name)
        if found is not None:
            self.names[self.names.index(found)] = Name(name, max(cells, 1))
