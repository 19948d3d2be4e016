"""`v`: throughput and pass rates over time, under the panes."""

import pytest

from engine.live.stats.rates import Throughput
from engine.live.stats.values import ValueHistory
from engine.records.verdicts import Verdict
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tests.tui.dashboard.scripted_workbench import ScriptedWorkbench
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.widgets.panels import plot_panel
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel
from tui.dashboard.widgets.panels.plot_panel import PlotPanel


def panel(page: DashboardPage) -> PlotPanel:
    return page.app.screen.query_one(PlotPanel)


def lines(page: DashboardPage) -> list[str]:
    return str(panel(page).render()).splitlines()


def test_plot_opens_and_closes(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        dashboard = page.app.screen
        assert isinstance(dashboard, Dashboard)
        assert "records per second" not in page.text()
        await page.press("v")
        await page.pause()
        shown = page.text()
        assert "0 raw 1.08k/s  1 has_number 972/s 90.0%  2 errors_only 378/s 35.0%" in shown
        assert "records per second" in shown
        assert "1.2k/s" in shown
        assert shown.count(" v2 ") == 2
        assert "100%" in shown
        await page.press("v")
        assert not panel(page).display
        assert page.view.has_focus
        await page.press("v", "escape")
        assert not panel(page).display

    drive(example_workbenches.trends(), story)


def test_at_most_one_panel_is_open(drive: Drive) -> None:
    workbench = example_workbenches.reloaded()

    async def story(page: DashboardPage) -> None:
        dashboard = page.app.screen
        assert isinstance(dashboard, Dashboard)
        await page.press("3", "d", "v")
        assert page.open_panels == [panel(page)]
        await page.press("d")
        assert page.open_panels == [page.app.screen.query_one(ChangesPanel)]

    drive(workbench, story)


def test_plot_is_drawn_once_per_second_while_open(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    workbench = example_workbenches.trends()
    made: list[int] = []
    draw = plot_panel.draw

    async def story(page: DashboardPage) -> None:
        def tick(seconds: int) -> None:
            was = workbench.throughput
            workbench.throughput = Throughput(7.0, (*was.history, *[7.0] * seconds), was.until + seconds)
            for number in (1, 2):
                workbench.change(number, throughput=workbench.throughput, evaluated=workbench.throughput)

        tick(1)
        await page.drawn(workbench)
        assert made == []
        await page.press("v")
        await page.pause()
        opened = len(made)
        assert opened
        workbench.produce(b"another")
        await page.drawn(workbench)
        assert len(made) == opened, "the second is not over"
        tick(4)
        await page.drawn(workbench)
        assert len(made) == opened + 1
        assert lines(page)[0].startswith("0 raw 7/s  1 has_number 7/s 100%")
        await page.press("v")
        drawn_last = len(made)
        tick(1)
        await page.drawn(workbench)
        assert len(made) == drawn_last

    def counted(*args: object, **named: object) -> object:
        made.append(1)
        return draw(*args, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(plot_panel, "draw", counted)
    drive(workbench, story)


def test_cursor_shows_the_numbers_of_its_time(drive: Drive) -> None:
    workbench = example_workbenches.trends()
    counts = (1.0, 2.0, 3.0, 4.0)
    workbench.throughput = Throughput(9.0, counts, 100)
    for number in (1, 2):
        workbench.change(
            number,
            throughput=Throughput(9.0, tuple(count / 2 for count in counts), 100),
            evaluated=workbench.throughput,
        )

    async def story(page: DashboardPage) -> None:
        await page.press("v", "left", "left")
        assert lines(page)[0].startswith("▲ 2 s ago  0 raw 3/s  1 has_number 1.5/s 50.0%")
        assert lines(page)[-1].count("▲") == 2
        workbench.throughput = Throughput(9.0, (*counts, 5.0), 101)
        for number in (1, 2):
            workbench.change(number, throughput=workbench.throughput, evaluated=workbench.throughput)
        await page.drawn(workbench)
        assert lines(page)[0].startswith("▲ 3 s ago  0 raw 3/s"), "it stays where it is"
        await page.press("right")
        assert lines(page)[0].startswith("▲ 2 s ago  0 raw 4/s")
        await page.press("home")
        assert "0 raw  " in lines(page)[0], "nothing was counted yet"
        await page.press("left", "end")
        assert lines(page)[0].startswith("▲ 1 s ago  0 raw 5/s")
        await page.press("v", "v")
        assert "ago" not in lines(page)[0]

    drive(workbench, story)


def test_plot_fits_any_screen_and_shortens_names_before_numbers(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        for columns, rows in ((80, 24), (60, 20), (40, 12), (160, 50), (20, 30), (12, 8)):
            await page.resize_terminal(columns, rows)
            await page.press("v")
            shown = lines(page)
            width, height = panel(page).size
            assert len(shown) in (0, height)
            assert {len(line) for line in shown[1:]} <= {width, width - 1}
            if columns >= 80:
                assert "records per second" in shown[1]
            elif columns >= 40:
                if columns == 60:
                    assert shown[0] == "0 1.08k/s  1 972/s 90.0%  2 378/s 35.0%"
                assert "records per second" not in "".join(shown)
                assert "100%" in "".join(shown)
            await page.press("v")

    drive(example_workbenches.trends(), story)


def test_plot_of_empty_topic(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("v")
        await page.pause()
        shown = lines(page)
        assert shown[0] == "0 raw"
        assert shown[1].startswith("records per second")
        assert "pass rate" not in "".join(shown)

    drive(ScriptedWorkbench(), story)


def test_without_colours(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    async def story(page: DashboardPage) -> None:
        await page.press("v")
        await page.pause()
        shown = "\n".join(lines(page))
        assert "2:v2" in shown
        assert "⠤2⠤" in shown

    drive(example_workbenches.trends(), story)


@pytest.mark.parametrize(
    ("values", "scale", "newest"),
    [((100.0, 140_000.0), ("150k", "0"), "140k"), ((20.0, -30.0), ("20", "-30"), "-30")],
)
def test_values_have_a_plot_of_their_own(
    values: tuple[float, ...], scale: tuple[str, str], newest: str
) -> None:
    workbench = ScriptedWorkbench(throughput=Throughput(1.0, (1.0,) * 9, 109))
    identity = workbench.add("sum", lambda _: Verdict.PASS)
    workbench.change(identity, values=ValueHistory(values, 109))
    wide = plot_panel.draw(workbench.snapshot(), 150, 8, coloured=True).plain
    assert "records per second" in wide
    assert "pass rate" in wide
    narrow = plot_panel.draw(workbench.snapshot(), 40, 8, coloured=True).plain
    assert "value" in narrow
    assert "pass rate" not in narrow
    top, bottom = (line.split()[0] for line in (narrow.splitlines()[2], narrow.splitlines()[-2]))
    assert (top, bottom) == scale
    assert wide.splitlines()[0].endswith(f" value {newest}")
