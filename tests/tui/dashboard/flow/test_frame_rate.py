"""When the screen is drawn: soon, never too often, and not at all if nothing changed."""

import asyncio
import threading
import time

import pytest
from textual.widget import Widget

from engine.live.stats.rates import Throughput
from engine.live.window.limits import WindowLimits
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tests.waiting import PATIENCE
from tui.dashboard.flow.frame_rate import (
    CALM_SECONDS,
    FRAMES_PER_SECOND,
    TAIL_FRAMES_PER_SECOND,
    Pace,
    Ticks,
    Waker,
)
from tui.dashboard.present.refresh_limiter import RefreshLimiter
from tui.dashboard.screens.help import Help
from tui.dashboard.widgets.parts.title_bar import TitleBar
from tui.dashboard.widgets.rows.record_view import RecordView


def test_wakes_from_many_threads_become_few() -> None:
    async def main() -> int:
        heard = 0

        def hear() -> None:
            nonlocal heard
            heard += 1

        wake = Waker(asyncio.get_running_loop(), hear)
        threads = [threading.Thread(target=lambda: [wake() for _ in range(10_000)]) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        await asyncio.sleep(0)
        assert heard == 1
        wake()
        await asyncio.sleep(0)
        return heard

    assert asyncio.run(main()) == 2


def test_a_wake_after_the_loop_closed_is_ignored() -> None:
    async def main() -> Waker:
        return Waker(asyncio.get_running_loop(), lambda: None)

    wake = asyncio.run(main())
    wake()
    wake()


def test_the_limiter_delays_the_second_refresh() -> None:
    now = 100.0
    limiter = RefreshLimiter(10, lambda: now)
    assert limiter.due
    limiter.drew()
    assert not limiter.due
    now += 0.1001
    assert limiter.due


PAGE = 40


class Paced:
    """Draws snapshots whenever a pace says so, by a clock of its own."""

    def __init__(self, **environment: str) -> None:
        self.now = 100.0
        self.workbench = ScriptedWorkbench(limits=WindowLimits(rows=2 * PAGE))
        self.workbench.add("one", lambda _: Verdict.PASS)
        self.pace = Pace([self.workbench.snapshot()], lambda: self.now, environment)
        self.frames = 0

    def look(self) -> None:
        """As after a wake; a frame too early is none."""
        if not self.pace.wait:
            newest = [self.workbench.snapshot()]
            if self.pace.has_news(newest) and not self.pace.wait_with(newest, PAGE):
                self.pace.drew(newest)
                self.frames += 1

    def run(self, seconds: float, records: int) -> float:
        """Frames per second while records come one hundred times per second, so many at once."""
        before = self.frames
        for _ in range(round(seconds * 100)):
            self.now += 0.01
            self.workbench.produce(*[b"a record"] * records)
            self.look()
        return (self.frames - before) / seconds


def test_few_records_are_drawn_a_few_times_per_second() -> None:
    assert Paced().run(10, 1) == pytest.approx(TAIL_FRAMES_PER_SECOND, abs=0.5)


def test_more_records_than_fit_are_drawn_at_the_full_rate() -> None:
    assert Paced().run(2, 20) >= 20


def test_records_after_a_flood_wait_no_longer_than_before() -> None:
    paced = Paced()
    paced.run(3, 20)
    assert paced.run(2, 1) == pytest.approx(TAIL_FRAMES_PER_SECOND, abs=1)


def test_on_another_machine_records_are_drawn_a_few_times_per_second() -> None:
    paced = Paced(SSH_CONNECTION="192.0.2.1 50000 192.0.2.2 22")
    assert paced.run(4, 20) == pytest.approx(TAIL_FRAMES_PER_SECOND, abs=1)


def test_first_records_after_a_calm_are_drawn_at_once() -> None:
    paced = Paced()
    for frames in (1, 2, 3):
        paced.now += 0.1
        paced.workbench.produce(b"a record")
        paced.look()
        assert paced.frames == frames


def test_records_of_a_steady_stream_are_drawn_once_with_their_verdicts() -> None:
    paced = Paced()
    script = paced.workbench.scripts[1]
    for records in range(1, 20):
        paced.now += 0.26
        script.evaluates = records - 1
        paced.workbench.produce(b"a record")
        paced.look()
        script.evaluates = records
        paced.workbench.change(1)
        script = paced.workbench.scripts[1]
        for _ in range(5):
            paced.now += 0.01
            paced.look()
        assert paced.frames == records + 1, "two frames for the first one, which waits for nothing"


def test_records_wait_for_no_verdicts_of_a_consumer_that_is_held_back() -> None:
    paced = Paced()
    paced.workbench.change(1, rate_limit=0.0)
    for frames in range(1, 10):
        paced.now += 0.26
        paced.workbench.scripts[1].evaluates = 0
        paced.workbench.produce(b"a record")
        paced.look()
        assert paced.frames == frames


def test_records_wait_for_late_verdicts_no_longer_than_until_the_next_look() -> None:
    paced = Paced()
    paced.workbench.produce(b"a record")
    paced.look()
    paced.workbench.scripts[1].evaluates = 1
    for frames in range(1, 10):
        paced.now += 0.26
        paced.workbench.produce(b"a record")
        paced.look()
        assert paced.frames == frames
        paced.now += 1.1 / FRAMES_PER_SECOND
        paced.look()
        assert paced.frames == frames + 1


def test_wakes_without_news_draw_nothing() -> None:
    paced = Paced()
    paced.run(1, 1)
    drawn = paced.frames
    paced.workbench.throughput = Throughput(9.0)
    paced.run(1, 0)
    assert paced.frames == drawn + 1, "the record that waited"


def test_a_steady_stream_needs_no_ticks() -> None:
    paced = Paced()
    for _ in range(10):
        paced.now += 0.26
        paced.workbench.produce(b"a record")
        paced.look()
        assert not paced.pace.tick_due
    paced.now += 0.35
    assert paced.pace.tick_due


def test_ticks_in_between_delay_no_record() -> None:
    paced = Paced()
    for frames in range(1, 20):
        paced.now += 0.15
        paced.pace.drew([paced.workbench.snapshot()])
        paced.now += 0.15
        paced.workbench.produce(b"a record")
        paced.look()
        assert paced.frames == frames


@pytest.mark.parametrize("seconds", [0.1, 0.15, 0.2])
def test_new_version_waits_for_no_other_frame(seconds: float) -> None:
    paced = Paced()
    paced.run(3, 1)
    paced.workbench.change(1, version=2)
    drawn = paced.frames
    paced.run(seconds, 1)
    assert paced.frames > drawn


def test_hurry_waits_for_no_other_frame() -> None:
    paced = Paced()
    paced.run(3, 1)
    paced.pace.hurry()
    drawn = paced.frames
    paced.run(0.1, 1)
    assert paced.frames == drawn + 1


def test_under_a_storm_of_wakes_frames_stay_few(drive: Drive) -> None:
    workbench = ScriptedWorkbench()
    stop = threading.Event()

    def storm() -> None:
        number = 0
        while not stop.is_set():
            workbench.produce(b"%d" % number)
            workbench.wake()
            number += 1

    async def story(page: DashboardPage) -> None:
        thread = threading.Thread(target=storm)
        thread.start()
        asked, began = workbench.snapshots, time.monotonic()
        while (frames := workbench.snapshots - asked) < FRAMES_PER_SECOND / 2:
            await asyncio.sleep(0.005)
        seconds = time.monotonic() - began
        stop.set()
        thread.join()
        assert frames <= FRAMES_PER_SECOND * seconds + 2
        await page.until(lambda: shown_records(page) == workbench.window.end_row)

    try:
        drive(workbench, story)
    finally:
        stop.set()


def shown_records(page: DashboardPage) -> int:
    state = page.dashboard.query_one(TitleBar).state
    assert state is not None
    return int(state.records.split()[0].replace(",", ""))


@pytest.mark.usefixtures("no_ticks")
def test_without_any_tick_wakes_are_enough(drive: Drive) -> None:
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        for number in range(1, 6):
            workbench.produce(b"one more")
            workbench.wake()
            if number % 2:
                await page.until(lambda number=number: shown_records(page) == number)  # type: ignore[misc]
        await page.until(lambda: shown_records(page) == 5)

    drive(workbench, story)


def test_ticks_rest_after_a_calm_and_go_on_with_a_change() -> None:
    now = 100.0

    class Running:
        running = True

        def pause(self) -> None:
            self.running = False

        def resume(self) -> None:
            self.running = True

    timer = Running()
    ticks = Ticks(timer, lambda: now)
    now += CALM_SECONDS - 0.1
    ticks.rest()
    assert timer.running
    ticks.go_on()
    now += 0.2
    ticks.rest()
    assert timer.running, "something has moved since"
    now += CALM_SECONDS
    ticks.rest()
    assert not timer.running
    ticks.go_on()
    assert timer.running


def test_nothing_is_asked_of_a_calm_screen_until_a_wake(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.dashboard.flow.frame_rate.CALM_SECONDS", 0.3)
    workbench = ScriptedWorkbench()
    workbench.add("one", lambda _: Verdict.PASS)

    async def story(page: DashboardPage) -> None:
        ticks = page.dashboard.frames.ticks
        await page.until(lambda: ticks.resting)
        workbench.change(1, throughput=Throughput(9.0))
        await page.drawn(workbench)
        asked = workbench.snapshots
        await page.until(lambda: workbench.snapshots > asked + 4)
        assert not ticks.resting, "the rate is going to fall"
        workbench.change(1, throughput=Throughput(0.0, (9.0, 0.0)))
        asked = workbench.snapshots
        await page.until(lambda: workbench.snapshots > asked + 4)
        assert not ticks.resting, "its history is going to move on"
        workbench.change(1, throughput=Throughput(0.0, (0.0,) * 30))
        await page.until(lambda: ticks.resting)

    drive(workbench, story)


@pytest.mark.usefixtures("no_ticks")
def test_records_wait_for_the_first_frame_of_a_dialogue(
    drive: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tui.dashboard.screens.dialogues.dialogue.OPENING_SECONDS", 10 * PATIENCE)
    workbench = ScriptedWorkbench()

    async def story(page: DashboardPage) -> None:
        workbench.produce(b"a record")
        dialogue = Help(())
        page.app.push_screen(dialogue)
        asked = workbench.snapshots
        page.dashboard.frames.look()
        assert workbench.snapshots == asked
        await page.until(lambda: not dialogue.opening)
        await page.until(lambda: shown_records(page) == 1)

    drive(workbench, story)


def test_nothing_is_repainted_if_nothing_changed(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tui.dashboard.flow.frame_rate.CALM_SECONDS", PATIENCE)
    workbench = example_workbenches.live(0, 200)

    async def story(page: DashboardPage) -> None:
        repainted: dict[Widget, int] = {}
        for widget in page.app.screen.query(Widget):
            monkeypatch.setattr(
                widget,
                "refresh",
                lambda *_, widget=widget, **__: repainted.update({widget: workbench.snapshots}),
            )
        # What the start has left to paint comes with the first frames.
        started = workbench.snapshots
        await page.until(lambda: workbench.snapshots >= max(repainted.values(), default=started) + 6)
        repainted.clear()
        workbench.produce(b"one more")
        await page.drawn(workbench)
        assert any(isinstance(widget, RecordView) for widget in repainted)

    drive(workbench, story)
