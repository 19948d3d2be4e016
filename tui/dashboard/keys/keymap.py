"""Other keys for the dashboard's actions: what a person asks for, held against the keys that there are.

A key that a person gives to one action is taken from the one that has it by default. Two actions share a key
only where they do so by default, as pausing and following do, of which one is possible at a time, or where
they never meet: those of the dashboard and those of a record's window do not.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches

from textual.binding import Binding, BindingType, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from tui.dashboard.keys.bindings import BINDINGS
from tui.dashboard.screens.builds import Builds
from tui.dashboard.screens.choose_filter import WhichFilter
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.screens.messages import Messages
from tui.dashboard.widgets.panes.record_view import RecordView
from tui.dashboard.widgets.parts.menu import Menu
from tui.dashboard.widgets.parts.reading import Reading
from tui.dashboard.widgets.parts.value_view import ValueView

UNBOUND = Keys.Ignore.value
"""What no key press sends: for an action whose keys have all been given to others."""

_RESERVED = {
    "ctrl+c": "leaving the program",
    "ctrl+q": "leaving the program",
    "ctrl+p": "the palette",
    "ctrl+z": "the way to the shell",
}
_KINDS = (RecordView, Inspector, ValueView, Builds, WhichFilter, Menu, Help, Messages, Reading)
"""Whatever has keys besides the dashboard itself."""
_MEETS = {"view": ("dashboard",), "list": ("builds", "pin"), "text": ("help", "messages")}
"""The groups of actions that are possible together with those of another one."""
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMES = frozenset(key.value.rpartition("+")[2] for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())

KeysById = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Remapping:
    """The keys of all actions."""

    bindings: tuple[Binding, ...]
    """Of every action whose keys can be chosen, with its keys as they are now."""
    keymap: Mapping[str, str]
    """What Textual is to be told."""
    problems: tuple[str, ...] = ()
    """What cannot be as it was asked for: each a sentence without a full stop that begins with an id."""
    refused: frozenset[str] = frozenset()
    """The ids that have their default keys though others were asked for."""

    def of(self, *groups: str) -> tuple[Binding, ...]:
        """Those of some groups of actions."""
        return tuple(one for one in self.bindings if one.id and one.id.partition(".")[0] in groups)


def remap(chosen: Mapping[str, str]) -> Remapping:
    """The keys of all actions where some are `chosen`: keys separated by commas, by id."""
    known = _named([*BINDINGS, *(binding for kind in _KINDS for binding in kind.BINDINGS)])
    default = {identity: _split(binding.key) for identity, binding in known.items()}
    accepted: KeysById = {}
    problems = []
    for identity, text in chosen.items():
        problem = _problem(identity, text, default, accepted)
        if problem:
            problems.append(f"{identity}: {problem}")
        else:
            accepted[identity] = _split(text)
    keys = _without_taken(default, accepted)
    problems += _robbed(keys, accepted)
    changed = {identity for identity in keys if keys[identity] != default[identity]}
    # Where a key is shared, Textual takes it from all when it takes it from one. And it puts what it is told
    # of behind the rest in the footer: so it is told of all that is there, but not of more, since every
    # lookup of a key takes 4 ms where it is told of everything.
    told = {
        identity
        for identity in keys
        for other in changed
        if _share(default, identity, other) or (known[identity].show and _meet(identity, other))
    }
    return Remapping(
        tuple(_with_keys(known[identity], keys[identity], identity in told) for identity in known),
        {identity: ",".join(keys[identity]) or UNBOUND for identity in keys if identity in told},
        tuple(problems),
        frozenset(chosen.keys() - accepted.keys()),
    )


def _named(bindings: Iterable[BindingType]) -> dict[str, Binding]:
    return {one.id: one for one in bindings if isinstance(one, Binding) and one.id}


def _split(keys: str) -> tuple[str, ...]:
    """Keys by the names that Textual has for them; `InvalidBinding` where there is none between commas."""
    return tuple(dict.fromkeys(one.key for one in Binding.make_bindings([Binding(keys, "")])))


def _problem(identity: str, text: str, default: KeysById, accepted: KeysById) -> str:
    """Why an action cannot have the keys in `text`; empty where it can."""
    if identity not in default:
        near = get_close_matches(identity, default, n=1)
        return f"there is no such action{f': did you mean {near[0]}?' if near else ''}"
    try:
        keys = _split(text)
    except InvalidBinding:
        return "there is no key between two commas; a comma itself is called 'comma'"
    return next(filter(None, (_refusal(identity, key, default, accepted) for key in keys)), "")


def _refusal(identity: str, key: str, default: KeysById, accepted: KeysById) -> str:
    *modifiers, name = key.split("+")
    if not name or not _MODIFIERS.issuperset(modifiers) or not _is_name(name):
        return f"'{key}' is no key; keys are called as in a, A, /, space, f5, ctrl+d, pageup"
    if key in _RESERVED:
        return f"{key} is kept for {_RESERVED[key]}"
    for other, keys in accepted.items():
        if key in keys and _compete(default, identity, other):
            return f"{key} is given to {other} already"
    return ""


def _is_name(name: str) -> bool:
    return len(name) == 1 or name in _NAMES or key_to_character(name) is not None


def _meet(one: str, other: str) -> bool:
    first, second = one.partition(".")[0], other.partition(".")[0]
    return first == second or second in _MEETS.get(first, ()) or first in _MEETS.get(second, ())


def _share(default: KeysById, one: str, other: str) -> bool:
    return _meet(one, other) and not set(default[one]).isdisjoint(default[other])


def _compete(default: KeysById, one: str, other: str) -> bool:
    """Whether no key can be that of both."""
    return _meet(one, other) and not _share(default, one, other)


def _without_taken(default: KeysById, accepted: KeysById) -> KeysById:
    """The keys of every action: of those that were not asked for, what the others leave them."""
    keys: KeysById = {}
    for identity, held in default.items():
        takers = [taken for other, taken in accepted.items() if _compete(default, identity, other)]
        lost = {key for taken in takers for key in taken}
        keys[identity] = accepted.get(identity) or tuple(key for key in held if key not in lost)
    return keys


def _robbed(keys: KeysById, accepted: KeysById) -> list[str]:
    return [
        f"{identity}: its keys were given to others, so it has none: choose one for it"
        for identity, held in keys.items()
        if not held and identity not in accepted
    ]


def _with_keys(binding: Binding, keys: Sequence[str], changed: bool) -> Binding:
    return replace(binding, key=",".join(keys), key_display=None) if changed else binding
