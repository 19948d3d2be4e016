"""What tells passed records from dropped ones, in words and numbers: lines of fields and their groups."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from engine import units
from engine.fields.path import path_text
from engine.live.separation.condition import (
    Between,
    Check,
    Condition,
    Contains,
    Is,
    Lacks,
    Missing,
    Other,
    Part,
    Subject,
)
from engine.live.separation.groups import Group
from engine.live.separation.separate import SeparatingField, Separation
from tui import format

TELLS = 0.01
"""A field with a lower score tells nothing."""
_PURE = 0.95
"""A group passes if this many of its records do, and does not if as few as the others."""
_LISTED = 3
"""Groups that a sentence names."""
_VERBS = ("pass", "are dropped", "fail")
_VERBS_OF_ONE = ("passes", "is dropped", "fails")


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldLine:
    """The heading of a field."""

    name: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """One group of the field above it."""

    condition: Condition
    name: str
    counts: tuple[int, int, int]
    share: float
    """Its records, of those of the field's largest group."""


def lines(separation: Separation) -> Iterator[FieldLine | GroupLine]:
    """The fields that tell something, those that tell most first, each with its groups."""
    for one in telling(separation):
        yield FieldLine(name=subject_name(one.subject, separation.format), score=one.score)
        largest = max(sum(group.counts) for group in one.groups)
        for group in one.groups:
            yield GroupLine(
                condition=Condition(one.subject, group.check),
                name=check_name(group.check, group.values),
                counts=group.counts,
                share=sum(group.counts) / max(largest, 1),
            )


def telling(separation: Separation) -> Sequence[SeparatingField]:
    """The fields that tell something, those that tell most first."""
    return [one for one in separation.fields if one.score >= TELLS]


def silent(separation: Separation) -> str:
    """The fields that tell nothing, in one line; empty if there are none."""
    names = [subject_name(one.subject, separation.format) for one in separation.fields if one.score < TELLS]
    return f"tell nothing: {', '.join(names)}" if names else ""


def summary(separation: Separation) -> str:
    """One sentence: which field tells passed from dropped best, and how."""
    passed, dropped, _ = separation.counts
    if not separation.records:
        return "no record is evaluated yet"
    if max(separation.counts) == separation.records:
        verb = _VERBS[separation.counts.index(separation.records)]
        return f"all {units.count(separation.records)} records {verb}: there is nothing to tell apart"
    verdicts = (
        "failed from passed" if not dropped else "passed from dropped" if passed else "failed from dropped"
    )
    found = telling(separation)
    if not found:
        return f"no field tells {verdicts}"
    name = subject_name(found[0].subject, separation.format)
    return f"{name} tells {verdicts} best: {_how(found[0], 0 if passed and dropped else 2)}"


def _how(best: SeparatingField, kind: int) -> str:
    """Which groups have a verdict, and how many of the others."""
    by_share = sorted(best.groups, key=lambda group: -_share([group], kind))
    inside = [group for group in by_share if _share([group], kind) >= _PURE] or by_share[:1]
    rest = [group for group in by_share if group not in inside]
    verb, shares = _VERBS[kind], (_share(inside, kind), _share(rest, kind))
    # A small share of many records may be a large one of those that pass.
    outside, total = (sum(group.counts[kind] for group in groups) for groups in (rest, best.groups))
    if shares[0] < _PURE or shares[1] > 1 - _PURE or outside > (1 - _PURE) * total:
        percent = [units.percent(share) for share in shares]
        return f"{percent[0]} of {_listed(inside)} {verb}, {percent[1]} of the rest"
    if len(rest) <= _LISTED < len(inside):
        return f"all but {_listed(rest)} {verb}"
    return f"{_listed(inside)} {_VERBS_OF_ONE[kind] if len(inside) == 1 else verb}, the rest does not"


def _share(groups: Sequence[Group], kind: int) -> float:
    """How many of the records of some groups have a verdict."""
    return sum(group.counts[kind] for group in groups) / max(sum(sum(group.counts) for group in groups), 1)


def _listed(groups: Sequence[Group]) -> str:
    names = [check_name(group.check, group.values) for group in groups]
    if len(names) > _LISTED:
        names = [*names[: _LISTED - 1], f"{len(names) - _LISTED + 1} others"]
    return ", ".join(names)


def subject_name(subject: Subject, format_name: str) -> str:
    """A field by its path, or the part of a record."""
    if subject is Part.FITS:
        return f"is {format_name.partition(':')[0]}"
    if isinstance(subject, Part):
        return str(subject.value)
    return format.harmless(path_text(subject)) or "value"


def check_name(check: Check, values: int = 1) -> str:
    """What a group has in common."""
    match check:
        case Is(value=value):
            text = value if isinstance(value, str) else _number(value)
            return format.harmless(text) or "∅ empty"
        case Other():
            return units.plural(values, "other value")
        case Contains(word=word):
            return f"with “{word}”"
        case Lacks(word=word):
            return f"without “{word}”"
        case Missing():
            return "no value"
        case Between(low=low, high=high, time=time):
            shown = _time if time else _number
            if low is None or high is None:
                return f"≥ {shown(low)}" if low is not None else f"< {shown(high or 0.0)}"
            return f"{shown(low)} – {shown(high)}"
    return ""


def _number(number: float) -> str:
    return f"{number:,.12g}" if abs(number) >= 10_000 else f"{number:.12g}"


def _time(milliseconds: float) -> str:
    return format.timestamp(int(milliseconds)).rpartition(".")[0]
