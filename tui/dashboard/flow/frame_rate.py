"""When to draw: at once after a calm, and never more often than you can read."""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from contextvars import copy_context

from textual.message_pump import MessagePump
from textual.timer import Timer

from engine.live.snapshots import WorkbenchSnapshot
from tui.dashboard.present.panes.backlog import to_evaluate
from tui.dashboard.present.refresh_limiter import RefreshLimiter

FRAMES_PER_SECOND = 24
TAIL_FRAMES_PER_SECOND = 4
"""While nothing but a few records come."""
FLOOD_PAGES = 2
"""As many records since the last frame are more than a few. The tail may gather a page that can be read."""
TAIL_FRAMES_AT_ONCE = 3
"""After a calm: a record, and then its verdicts."""
TAIL_CALM_SECONDS = 2 / TAIL_FRAMES_PER_SECOND
"""After less than that without a frame, a record is drawn with its verdicts: one frame in place of two."""
TICKS_PER_SECOND = 4
"""How often to look without a wake: rates fall by themselves, no faster than you read them."""
TICKS_AFTER_SECONDS = 1.3 / TICKS_PER_SECOND
"""How long after a frame that something woke: those of a steady stream show rates, too."""
CALM_SECONDS = 3.0
"""How long to look on after the last change: readings, scroll bar marks and backlogs are shown by then."""


class Waker:
    """Carries a wake from any thread into an event loop, at most one at a time.

    Engine threads wake thousands of times per second; all wakes but the first are dropped until it arrives.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, woken: Callable[[], object]) -> None:
        self._loop = loop
        self._woken = woken
        self._context = copy_context()
        """Of the one that made it: timers of a widget need it."""
        self._pending = threading.Lock()

    def __call__(self) -> None:
        """Wake the loop, unless a wake is pending. Never blocks."""
        if self._pending.acquire(blocking=False):
            # If the loop is closed, the screen is gone: this and all later wakes are dropped.
            with suppress(RuntimeError):
                self._loop.call_soon_threadsafe(self._arrive, context=self._context)

    def _arrive(self) -> None:
        self._pending.release()
        self._woken()


class Alarm:
    """Calls once, at the earliest of the times that were asked for."""

    def __init__(self, owner: MessagePump, rings: Callable[[], object]) -> None:
        self._owner = owner
        self._rings = rings
        self._timer: Timer | None = None
        self._due = 0.0

    def start(self, seconds: float) -> None:
        due = time.monotonic() + seconds
        if self._timer is not None:
            if self._due <= due:
                return
            self._timer.stop()
        self._due = due
        self._timer = self._owner.set_timer(seconds, self._ring)

    def _ring(self) -> None:
        self._timer = None
        self._rings()


class Pace:
    """When to draw which snapshots."""

    def __init__(
        self,
        shown: Sequence[WorkbenchSnapshot],
        clock: Callable[[], float] = time.monotonic,
        environment: Mapping[str, str] = os.environ,
    ) -> None:
        """`shown` are the snapshots that are drawn first, one of each topic."""
        self._shown = shown
        self._looks = RefreshLimiter(FRAMES_PER_SECOND, clock)
        self._tail = RefreshLimiter(TAIL_FRAMES_PER_SECOND, clock, at_once=TAIL_FRAMES_AT_ONCE)
        self._calm = RefreshLimiter(1 / TAIL_CALM_SECONDS, clock)
        self._ticks = RefreshLimiter(1 / TICKS_AFTER_SECONDS, clock)
        self._is_remote = "SSH_CONNECTION" in environment
        self._hurries = False
        self._awaited = False
        """Whether a look has found records without verdicts since the last frame."""

    @property
    def wait(self) -> float:
        """Seconds until it is worth to take a snapshot."""
        return self._looks.wait

    @property
    def tick_due(self) -> bool:
        """Whether no wake led to a frame since about the last tick."""
        return self._ticks.due

    def hurry(self) -> None:
        """More than the next snapshot is to be drawn."""
        self._hurries = True

    def has_news(self, newest: Sequence[WorkbenchSnapshot]) -> bool:
        """Whether snapshots show more than numbers that change with time, which ticks draw."""
        return self._hurries or _news(newest) != _news(self._shown)

    def wait_with(self, newest: Sequence[WorkbenchSnapshot], page: int) -> float:
        """Seconds until snapshots are drawn in which nothing else happens; a page has `page` rows."""
        self._looks.drew()
        pairs = [*zip(self._shown, newest, strict=False)]
        same = len(self._shown) == len(newest) and all(only_records_came(*pair) for pair in pairs)
        most = max(after.window.end_row - before.window.end_row for before, after in pairs)
        flood = most >= FLOOD_PAGES * page
        few = same and (self._is_remote or not flood)
        wait = self._tail_wait(newest) if few and not self._hurries else 0.0
        if wait:
            # Another look soon after one without news would most likely find none either.
            self._looks.drew()
        else:
            for limiter in (self._tail, self._calm, self._ticks):
                limiter.drew()
        return wait

    def _tail_wait(self, newest: Sequence[WorkbenchSnapshot]) -> float:
        """Seconds until records are to be drawn: with their verdicts, if these come by the next look."""
        wait = self._tail.wait
        if wait or self._awaited or self._calm.due or not any(map(lacks_verdicts, newest)):
            return wait
        self._awaited = True
        return self._looks.wait

    def drew(self, newest: Sequence[WorkbenchSnapshot]) -> None:
        """Note what is shown now."""
        self._shown, self._hurries, self._awaited = newest, False, False


def only_records_came(before: WorkbenchSnapshot, after: WorkbenchSnapshot) -> bool:
    """Whether all that differs are records, verdicts on them, and numbers."""
    return _apart_from_records(before) == _apart_from_records(after)


def _news(snapshots: Sequence[WorkbenchSnapshot]) -> Sequence[object]:
    return [
        (
            _apart_from_records(one),
            (one.window.first_row, one.window.end_row),
            [(consumer.position, consumer.counters) for consumer in one.consumers],
        )
        for one in snapshots
    ]


def lacks_verdicts(snapshot: WorkbenchSnapshot) -> bool:
    """Whether a consumer that is not held back has not evaluated the newest records yet."""
    return any(to_evaluate(one, snapshot.window) and one.rate_limit is None for one in snapshot.consumers)


def _apart_from_records(snapshot: WorkbenchSnapshot) -> object:
    consumers = (
        (one.id, one.state, one.version, one.newer, one.building is None, id(one.build), id(one.change))
        for one in snapshot.consumers
    )
    return (
        snapshot.topic,
        snapshot.problem,
        snapshot.notice,
        snapshot.undecoded,
        snapshot.replay is None,
        snapshot.lost,
        id(snapshot.scrollback),
        id(snapshot.explanation),
        *consumers,
    )


class Ticks:
    """Pauses a running timer while nothing moves."""

    def __init__(self, timer: Timer, clock: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._clock = clock
        self._moved = clock()
        self.resting = False

    def go_on(self) -> None:
        self._moved = self._clock()
        self.resting = False
        self._timer.resume()

    def rest(self) -> None:
        """Stop ticking until something moves, if nothing has for a while."""
        if self._clock() - self._moved > CALM_SECONDS:
            self.resting = True
            self._timer.pause()
