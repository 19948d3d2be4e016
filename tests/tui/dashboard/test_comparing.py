"""`D`: the differences between any two, with real modules."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.widgets import OptionList

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.consumer.step import ModuleFile
from engine.files import replace_file
from engine.live.comparison.evaluated import FIRST_CASE
from engine.live.topic_workbench import TopicWorkbench
from engine.records.batch import Record, record_batch
from engine.records.verdicts import Verdict
from engine.regression.expectations import pin_case, read_cases
from engine.regression.trial import Case
from tests.engine.runtime.wat_guests import by_hand, guest
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.screens.dialogues.question import Question
from tui.dashboard.widgets.panels.changes_panel import ChangesPanel, ChangesView

DIGIT, ALL = by_hand("digit.wat"), guest("(i32.const 1)")
VALUES = [b'{"city": "Oslo", "n": "x"}', b'{"city": "Rome", "n": "y"}', b'{"city": "Oslo", "n": 1}']


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[TopicWorkbench]:
    """One pane, whose filter passes what has a digit."""
    with EmbeddedBroker.open(tmp_path / "data", durable=False) as broker:
        broker.topics.create("t")
        broker.log.append("t", record_batch(VALUES))
        opened = TopicWorkbench(broker, "t")
        (tmp_path / "f.wasm").write_bytes(DIGIT)
        opened.add_file(tmp_path / "f.wasm")
        yield opened
        opened.close()


def view(page: DashboardPage) -> ChangesView:
    return page.dashboard.query_one(ChangesPanel).view


def asked(page: DashboardPage) -> list[str]:
    """The answers of the question on the screen."""
    listed = page.app.screen.query_one(OptionList)
    return [str(listed.get_option_at_index(place).prompt) for place in range(listed.option_count)]


async def answer(page: DashboardPage, title: str, start: str) -> None:
    """Choose an answer once its question is on the screen."""
    await page.until(lambda: isinstance(page.app.screen, Question) and page.dialogue_title() == title)
    place = next(place for place, words in enumerate(asked(page)) if words.startswith(start))
    page.app.screen.query_one(OptionList).highlighted = place
    await page.press("enter")


async def compare(page: DashboardPage, workbench: TopicWorkbench, old: str, new: str) -> None:
    """Choose two sides, once the second version is live."""
    for wanted in ([0, 0, 1], [1, 1, 1]):
        await page.until(lambda wanted=wanted: workbench.snapshot().consumers[0].verdicts.tolist() == wanted)
        (step,) = workbench.snapshot().consumers[0].steps
        assert isinstance(step.source, ModuleFile)
        replace_file(step.source.path, ALL)
    await page.until(lambda: "v2" in page.text())
    await page.press("1", "D")
    await answer(page, "compare what?", old)
    await answer(page, "with what?", new)


async def listed(page: DashboardPage, *rows: int) -> None:
    await page.until(lambda: [int(row) for row in view(page).rows] == list(rows))


def test_a_build_is_compared_with_the_pane_as_it_is(drive: Drive, workbench: TopicWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await compare(page, workbench, "1 f v1", "1 f, as it is")
        await listed(page, 0, 1)
        assert view(page).has_focus
        assert "1 f v1 → 1 f  2 of 3 differ: +2 now pass" in page.text()
        assert "   drop → pass" in page.text()
        await page.press("down")
        await page.until(lambda: page.panes[1].view.cursor == view(page).cursor)
        await page.press("escape")
        assert not page.dashboard.query_one(ChangesPanel).display
        await page.press("d")
        await page.until(lambda: "2 of 3 changed" in page.text())

    drive(workbench, story)


def test_differences_are_grouped_by_a_field(drive: Drive, workbench: TopicWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await compare(page, workbench, "1 f v1", "1 f, as it is")
        await listed(page, 0, 1)
        await page.press("ctrl+g")
        await answer(page, "group by", "city")
        await page.until(lambda: page.dialogue_title() == "differences by city")
        assert asked(page) == ["all of them", "Oslo  1", "Rome  1"]
        await answer(page, "differences by city", "Rome")
        await listed(page, 1)
        assert "only city=Rome (1)" in page.text()

    drive(workbench, story)


def test_all_that_is_listed_is_pinned(drive: Drive, workbench: TopicWorkbench, tmp_path: Path) -> None:
    file = tmp_path / "f.expect.jsonl"

    async def story(page: DashboardPage) -> None:
        await compare(page, workbench, "1 f, as it is", "1 f v1")
        await listed(page, 0, 1)
        await page.press("t")
        await page.until(lambda: page.notices() == [f"2 records pinned in {file}, 2 cases"])

    drive(workbench, story)
    assert [(case.record.value, case.expected) for case in read_cases(file)] == [
        (VALUES[0], Verdict.DROP),
        (VALUES[1], Verdict.DROP),
    ]


def test_a_pane_is_compared_with_its_expectations(
    drive: Drive, workbench: TopicWorkbench, tmp_path: Path
) -> None:
    file = tmp_path / "f.expect.jsonl"
    pin_case(file, Case(Record(0, 8, 0, None, b"as expected"), Verdict.PASS))
    pin_case(file, Case(Record(0, 9, 0, None, b"not as expected"), Verdict.DROP))

    async def story(page: DashboardPage) -> None:
        await compare(page, workbench, "the expectations in f.expect.jsonl", "1 f, as it is")
        await listed(page, FIRST_CASE + 1)
        assert "f.expect.jsonl → 1 f  1 of 2 differ: +1 now pass" in page.text()
        assert "not as expected" in page.text()
        before = page.panes[1].view.cursor
        await page.press("up", "down")
        assert page.panes[1].view.cursor == before, "these are not the topic's records"
        await page.press("t")
        await page.until(lambda: page.notices() == [f"1 case of {file} changed to what is now"])

    drive(workbench, story)
    assert [case.expected for case in read_cases(file)] == [Verdict.PASS, Verdict.PASS]


def test_what_cannot_be_compared_says_why(drive: Drive, workbench: TopicWorkbench, tmp_path: Path) -> None:
    (tmp_path / "f.expect.jsonl").write_text("nonsense\n")

    async def story(page: DashboardPage) -> None:
        await compare(page, workbench, "the expectations", "1 f, as it is")
        await page.until(lambda: "ended: line 1 of" in page.text())

    drive(workbench, story)


def test_one_pane_alone_has_nothing_to_compare_with(drive: Drive, workbench: TopicWorkbench) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("1", "D")
        assert await page.notice() == "there is nothing to compare with yet: save a change, or add a filter"
        assert not isinstance(page.app.screen, Question)

    drive(workbench, story)
