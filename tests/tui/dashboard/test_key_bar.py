"""The keys at the bottom: made anew when they are others, and only then."""

from textual.pilot import Pilot
from textual.widget import Widget

from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive, until
from tui.dashboard.widgets.parts.key_bar import KeyBar


def keys(pilot: Pilot[None]) -> list[Widget]:
    return list(pilot.app.screen_stack[0].query_one(KeyBar).query("FooterKey"))


def words(pilot: Pilot[None]) -> list[str]:
    return [str(key.description) for key in keys(pilot)]  # type: ignore[attr-defined]


def test_a_dialogue_leaves_them_as_they_are(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        before = keys(pilot)
        assert before
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert keys(pilot) == before

    drive(example_workbenches.live(2, 20), story)


def test_another_pane_and_a_pause_have_others(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        assert "Edit" not in words(pilot)
        await pilot.press("tab")
        await until(pilot, lambda: "Edit" in words(pilot))
        await pilot.press("space")
        await until(pilot, lambda: "Follow" in words(pilot) and "Pause" not in words(pilot))
        await pilot.press("shift+tab")
        await until(pilot, lambda: "Edit" not in words(pilot))

    drive(example_workbenches.live(2, 20), story)


def test_the_palette_has_a_key_where_there_is_room_for_it(drive: Drive) -> None:
    async def story(pilot: Pilot[None]) -> None:
        for width, there in ((120, True), (80, False)):
            await pilot.resize_terminal(width, 34)
            await until(pilot, lambda there=there: ("palette" in words(pilot)) is there)  # type: ignore[misc]

    drive(example_workbenches.live(2, 20), story, size=(80, 24))
