"""Other keys for the dashboard's actions: what a config file asks for, checked against the table of keys.

A key that is chosen for one action is taken from the action that has it by default. Two actions share a key
only if they do so by default, as pausing and following do, of which one is possible at a time, or if they are
never possible together, as those of the dashboard and those of a record's window.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from difflib import get_close_matches

from textual.binding import Binding, InvalidBinding
from textual.keys import KEY_NAME_REPLACEMENTS, Keys, key_to_character

from tui.dashboard.keys.bindings import GROUPS, KEYS, RENAMED

UNBOUND = Keys.Ignore.value
"""What no key press sends: for an action without keys."""

_RESERVED = {"ctrl+c": "quitting", "ctrl+q": "quitting", "ctrl+p": "the palette", "ctrl+z": "the shell"}
_MODIFIERS = frozenset({"ctrl", "shift", "alt", "super", "hyper", "meta"})
_NAMES = frozenset(key.value.rpartition("+")[2] for key in Keys) | frozenset(KEY_NAME_REPLACEMENTS.values())

KeysById = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Remapping:
    """The keys of all actions."""

    bindings: tuple[Binding, ...]
    """Every action whose keys can be chosen, with its current keys."""
    keymap: Mapping[str, str]
    """For Textual's `set_keymap`."""
    problems: tuple[str, ...] = ()
    """Each begins with an id."""
    refused: frozenset[str] = frozenset()
    """The ids that have their default keys though others were asked for."""


def remap(chosen: Mapping[str, str]) -> Remapping:
    """The keys of all actions if some are `chosen`: keys separated by commas, by id."""
    known = {key.id: key.binding() for key in KEYS}
    default = {identity: _split(binding.key) for identity, binding in known.items()}
    accepted: KeysById = {}
    problems: list[str] = []
    refused = set()
    for given, text in chosen.items():
        identity = RENAMED.get(given, given)
        problem = _problem(identity, text, default, accepted)
        if problem:
            problems.append(f"{given}: {problem}")
            refused.add(given)
        else:
            accepted[identity] = _split(text)
    keys = _without_taken(default, accepted)
    problems += [
        f"{identity}: no key left: all were reassigned; choose one for it"
        for identity, held in keys.items()
        if not held and identity not in accepted
    ]
    changed = _for_textual(known, default, keys)
    bindings = {
        identity: replace(binding, key=",".join(keys[identity]), key_display=None)
        for identity, binding in known.items()
        if identity in changed
    }
    return Remapping(
        bindings=tuple((known | bindings).values()),
        keymap={identity: binding.key or UNBOUND for identity, binding in bindings.items()},
        problems=tuple(problems),
        refused=frozenset(refused),
    )


def _for_textual(known: Mapping[str, Binding], default: KeysById, keys: KeysById) -> set[str]:
    """The ids that a keymap for Textual needs.

    If Textual takes a shared key from one action, it takes it from all. And it moves what a keymap names to
    the end of the footer. So a keymap names all that is in the footer, but no more than that: if it names
    everything, each lookup of a key takes 4 ms.
    """
    changed = {identity for identity in keys if keys[identity] != default[identity]}
    return {
        identity
        for identity in keys
        for other in changed
        if _share(default, identity, other) or (known[identity].show and _meet(identity, other))
    }


def _group(identity: str) -> str:
    return identity.partition(".")[0]


def _split(keys: str) -> tuple[str, ...]:
    """Keys by Textual's names; raises `InvalidBinding` if there is none between two commas."""
    return tuple(dict.fromkeys(one.key for one in Binding.make_bindings([Binding(keys, "")])))


def _problem(identity: str, text: str, default: KeysById, accepted: KeysById) -> str:
    """Why an action cannot have the keys in `text`; empty if it can."""
    if identity not in default:
        near = get_close_matches(identity, default, n=1)
        return f"unknown action{f': did you mean {near[0]}?' if near else ''}"
    try:
        keys = _split(text)
    except InvalidBinding:
        return "no key between two commas: a comma itself is called 'comma'"
    return next(filter(None, (_refusal(identity, key, default, accepted) for key in keys)), "")


def _refusal(identity: str, key: str, default: KeysById, accepted: KeysById) -> str:
    *modifiers, name = key.split("+")
    named = len(name) == 1 or name in _NAMES or key_to_character(name) is not None
    if not name or not _MODIFIERS.issuperset(modifiers) or not named:
        return f"unknown key '{key}': use names such as a, A, /, space, f5, ctrl+d, pageup"
    if key in _RESERVED:
        return f"{key} is reserved for {_RESERVED[key]}"
    for other, keys in accepted.items():
        if key in keys and _compete(default, identity, other):
            return f"{key} is already assigned to {other}"
    return ""


def _meet(one: str, other: str) -> bool:
    """Whether two actions are possible at the same time."""
    first, second = _group(one), _group(other)
    return first == second or second in GROUPS[first].meets or first in GROUPS[second].meets


def _share(default: KeysById, one: str, other: str) -> bool:
    return _meet(one, other) and not set(default[one]).isdisjoint(default[other])


def _compete(default: KeysById, one: str, other: str) -> bool:
    """Whether no key can belong to both."""
    return _meet(one, other) and not _share(default, one, other)


def _without_taken(default: KeysById, accepted: KeysById) -> KeysById:
    """The chosen keys, and of the other defaults those that are not taken."""
    keys: KeysById = {}
    for identity, held in default.items():
        takers = [taken for other, taken in accepted.items() if _compete(default, identity, other)]
        lost = {key for taken in takers for key in taken}
        keys[identity] = accepted.get(identity) or tuple(key for key in held if key not in lost)
    return keys
