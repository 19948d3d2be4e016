"""The lesson of a first start: the loop in five steps, and how far the user is."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum

from engine.live.evaluation.status import ConsumerState
from engine.live.snapshots import WorkbenchSnapshot
from tui import format

KeyName = Callable[[str], str]
"""The name of an action's key, by the id of the action."""
LONGEST_NAME = 24
"""Cells of a file's name."""


class Step(Enum):
    """A step of the loop, in the order to take them."""

    SAVE = "save"
    CHANGES = "diff"
    BREAK = "break"
    INSPECT = "inspect"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Progress:
    """What the user has done so far."""

    done: frozenset[Step] = frozenset()
    broken: frozenset[int] = frozenset()
    """The consumers that were STALE at some time."""
    in_vain: bool = False
    """The newest save changed no verdict and no output."""

    @property
    def next(self) -> Step | None:
        return next((step for step in Step if step not in self.done), None)

    def with_done(self, step: Step) -> "Progress":
        return replace(self, done=self.done | {step})

    def after(self, snapshot: WorkbenchSnapshot) -> "Progress":
        changes = [one.change for one in snapshot.consumers if one.change is not None]
        stale = frozenset(one.id for one in snapshot.consumers if one.state is ConsumerState.STALE)
        live = {one.id for one in snapshot.consumers if one.state is ConsumerState.LIVE}
        done = set(self.done)
        if any(map(len, changes)):
            done.add(Step.SAVE)
        if self.broken & live:
            done.add(Step.BREAK)
        return Progress(frozenset(done), self.broken | stale, Step.SAVE not in done and bool(changes))


@dataclass(frozen=True, slots=True)
class Words:
    """A step in words: what to do, with its effect, and what helps with it."""

    what: str
    how: str


def words(
    step: Step, progress: Progress, snapshot: WorkbenchSnapshot, here: int | None, key: KeyName
) -> Words:
    """The words for a step if the current pane is that of the consumer `here`."""
    if step is Step.SAVE:
        return _save(progress, snapshot, here, key)
    if step is Step.CHANGES:
        return Words(
            f"{key('dashboard.changes')} lists the records whose verdict or output changed",
            f"the pane's head counts them; {key('dashboard.follow')} follows the newest in all panes",
        )
    if step is Step.BREAK:
        return _break(progress, snapshot, key)
    if step is Step.INSPECT:
        return Words(
            f"{key('dashboard.inspect')} opens a record: its fields, each filter's verdict and outputs",
            f"{key('view.up')} and {key('view.down')} go to another; {key('dashboard.follow')} follows again",
        )
    return Words(
        f"{key('dashboard.search')} searches the records, and new ones as they arrive",
        f"{key('dashboard.help')} lists every key and every sign",
    )


def _save(progress: Progress, snapshot: WorkbenchSnapshot, here: int | None, key: KeyName) -> Words:
    with_files = [consumer for consumer in snapshot.consumers if consumer.path is not None]
    edited = next((one for one in with_files if one.id == here), next(iter(with_files), None))
    if edited is None or edited.path is None:
        return Words(
            f"{key('dashboard.add')} adds a filter: a file of yours, or a new one from the template",
            "it is built and gets its own pane",
        )
    name = format.clip(format.harmless(edited.path.name), LONGEST_NAME)
    way = f"{key('dashboard.edit')} opens {name}"
    if edited.id != here:
        way = f"{key('dashboard.next')} goes to a filter, {key('dashboard.edit')} opens it"
    how = f"any editor works: {format.harmless(str(edited.path.absolute()))}"
    if progress.in_vain:
        how = "that save changed nothing: let other records pass, or make other outputs"
    return Words(f"{way}: change what passes, and save", how)


def _break(progress: Progress, snapshot: WorkbenchSnapshot, key: KeyName) -> Words:
    stale = next((one for one in snapshot.consumers if one.state is ConsumerState.STALE), None)
    if stale is None or Step.BREAK in progress.done:
        return Words(
            "save a mistake: the previous version keeps running, marked STALE",
            "delete a bracket: rustc says what is wrong, under the panes",
        )
    name = format.clip(format.harmless(stale.name), LONGEST_NAME)
    return Words(
        f"{name} is STALE, the previous version keeps running: fix and save",
        f"{key('dashboard.message')} shows the whole message",
    )
