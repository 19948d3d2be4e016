"""Remapped keys: which action has which, and that the dashboard uses them."""

from importlib import import_module
from pkgutil import walk_packages

import pytest
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.widget import Widget
from textual.widgets import Footer, Static

import tui.dashboard.screens
import tui.dashboard.widgets
from tests.tui.dashboard import example_workbenches
from tests.tui.dashboard.conftest import Drive
from tests.tui.dashboard.page import DashboardPage
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.appearance import Appearance
from tui.dashboard.keys.bindings import RENAMED
from tui.dashboard.keys.keymap import UNBOUND, Remapping, remap
from tui.dashboard.keys.palette import commands
from tui.dashboard.screens.dashboard import Dashboard
from tui.dashboard.screens.help import Help
from tui.dashboard.screens.inspector import Inspector
from tui.dashboard.widgets.parts.reading import Reading

HELP = "escape,enter"


def keys(remapping: Remapping, identity: str) -> str:
    return next(binding.key for binding in remapping.bindings if binding.id == identity)


def test_default_keys() -> None:
    found = remap({})
    assert (found.keymap, found.problems, found.refused) == ({}, (), frozenset())
    assert keys(found, "dashboard.pause") == keys(found, "dashboard.follow") == "space"


def test_chosen_key_is_taken_from_its_default_action() -> None:
    found = remap({"dashboard.edit": "k, f6"})
    assert keys(found, "dashboard.edit") == "k,f6"
    assert keys(found, "view.up") == "up"
    assert found.problems == ()
    assert (found.keymap["dashboard.edit"], found.keymap["view.up"]) == ("k,f6", "up")


def test_action_without_keys_is_reported() -> None:
    found = remap({"dashboard.edit": "d"})
    assert found.problems == ("dashboard.changes: no key left: all were reassigned; choose one for it",)
    assert found.refused == frozenset()
    assert (found.keymap["dashboard.edit"], found.keymap["dashboard.changes"]) == ("d", UNBOUND)
    assert remap({"dashboard.edit": "d", "dashboard.changes": "e"}).problems == ()


def test_actions_that_share_a_key_may_share_another() -> None:
    assert remap({"dashboard.pause": "f5", "dashboard.follow": "f5"}).problems == ()
    apart = remap({"dashboard.pause": "f5"})
    assert apart.problems == ()
    assert (apart.keymap["dashboard.pause"], apart.keymap["dashboard.follow"]) == ("f5", "space")


@pytest.mark.parametrize(
    "chosen, problem",
    [
        ({"dashboard.paus": "f5"}, "dashboard.paus: unknown action: did you mean dashboard.pause?"),
        ({"nothing": "f5"}, "nothing: unknown action"),
        ({"dashboard.pause": "foo"}, "dashboard.pause: unknown key 'foo': use names such as a, A, /"),
        ({"dashboard.pause": "hyp+a"}, "dashboard.pause: unknown key 'hyp+a'"),
        ({"dashboard.pause": ""}, "dashboard.pause: no key between two commas"),
        ({"dashboard.pause": "f5,,f6"}, "dashboard.pause: no key between two commas"),
        ({"dashboard.pause": "ctrl+c"}, "dashboard.pause: ctrl+c is reserved for quitting"),
        ({"dashboard.edit": "f6", "view.up": "f6"}, "view.up: f6 is already assigned to dashboard.edit"),
    ],
)
def test_invalid_keys_are_reported_and_defaults_stay(chosen: dict[str, str], problem: str) -> None:
    found = remap(chosen)
    assert found.problems[0].startswith(problem)
    assert len(found.refused) == 1
    for identity in found.refused & {"dashboard.pause", "view.up"}:
        assert keys(found, identity) == keys(remap({}), identity)


@pytest.mark.parametrize(
    "chosen, others",
    [
        ({"inspector.copy": "t"}, {"inspector.pin": "", "dashboard.topics": "t"}),
        ({"dashboard.edit": "k"}, {"view.up": "up", "inspector.up": "up,k", "list.up": "up,k"}),
        ({"list.down": "q"}, {"dashboard.quit": "q", "pin.cancel": "escape", "help.close": HELP}),
        ({"builds.view": "a"}, {"pin.all": "a", "list.up": "up,k"}),
        ({"text.page_down": "enter"}, {"help.close": "escape", "list.choose": "enter"}),
        ({"value.toggle_all": "y"}, {"inspector.copy": "y"}),
    ],
)
def test_key_is_taken_only_from_actions_possible_together(
    chosen: dict[str, str], others: dict[str, str]
) -> None:
    found = remap(chosen)
    assert {identity: keys(found, identity) for identity in others} == others


def test_actions_never_possible_together_may_share_keys() -> None:
    assert remap({"dashboard.edit": "f6", "inspector.copy": "f6", "list.choose": "f6"}).problems == ()
    assert remap({"pin.all": "f6", "builds.view": "f6"}).problems == ()
    assert remap({"list.up": "f6", "builds.view": "f6"}).problems == (
        "builds.view: f6 is already assigned to list.up",
    )


def test_keymap_for_textual_is_minimal() -> None:
    assert set(remap({"inspector.copy": "f6"}).keymap) == {"inspector.copy"}


def test_every_binding_with_an_id_is_in_the_table() -> None:
    named = set()
    for package in (tui.dashboard.screens, tui.dashboard.widgets):
        for module in walk_packages(package.__path__, f"{package.__name__}."):
            for kind in vars(import_module(module.name)).values():
                if isinstance(kind, type) and issubclass(kind, Widget) and kind.__module__ == module.name:
                    named |= {one.id for one in kind.BINDINGS if isinstance(one, Binding) and one.id}
    assert named == {binding.id for binding in remap({}).bindings}


@pytest.mark.parametrize("key", ["/", "slash", "f5", "ctrl+d", "pageup", "é", "question_mark", "alt+x", "+"])
def test_key_names(key: str) -> None:
    assert not remap({"dashboard.rebuild": key}).refused


def test_dashboard_uses_remapped_keys(drive: Drive) -> None:
    chosen = {
        "dashboard.pause": "f5",
        "dashboard.follow": "f6",
        "view.up": "f7",
        "dashboard.edit": "k",
        "dashboard.add": "d",
        "dashboard.next": "right_square_bracket",
    }

    async def story(page: DashboardPage) -> None:
        dashboard = page.app.screen
        assert isinstance(dashboard, Dashboard)
        view = page.view
        await page.press("space")
        assert view.following
        await page.press("f5")
        assert not view.following
        await page.press("f7", "f7")
        before = view.cursor
        await page.press("k", "up")
        assert view.cursor == before, "neither has a meaning now"
        await page.press("f6")
        assert view.following
        await page.press("right_square_bracket")
        assert page.deck.current is page.panes[1]
        await page.press("d")
        assert type(page.app.screen).__name__ == "AddFilter"
        await page.press("escape")
        shown = dashboard.query_one(Footer).query("FooterKey")
        assert shown.first().key_display == "f5", "the order is as without"  # type: ignore[attr-defined]
        labels = {str(key.description): str(key.key_display) for key in shown}  # type: ignore[attr-defined]
        assert (labels["Pause"], labels["Add"], labels["Inspect"]) == ("f5", "d", "⏎")

    app = drive(example_workbenches.live(2, 20), story, appearance=Appearance(keys=remap(chosen)))
    assert isinstance(app, FluvioTui)


def test_help_shows_remapped_keys(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("f8")
        screen = page.app.screen
        assert isinstance(screen, Help)
        text = str(screen.query_one(".keys").render())
        assert "f8  " in text and "Pause all panes" in text
        assert "List what the last reload changed" not in text, "it has no key any more"

    drive(
        example_workbenches.live(1, 5),
        story,
        appearance=Appearance(keys=remap({"dashboard.help": "f8", "dashboard.pause": "d"})),
    )


def test_hints_show_remapped_keys(drive: Drive) -> None:
    chosen = {"dashboard.rebuild": "f9", "dashboard.message": "f2", "dashboard.next_match": "f3"}

    async def story(page: DashboardPage) -> None:
        def shown() -> str:
            return " ".join(str(static.render()) for static in page.app.screen.query(Static))

        await page.press("slash", "1", "enter")
        await page.until(lambda: "f3 next · N previous · & only hits · esc closes" in shown())
        assert "press f9 to continue" in shown()
        assert "f2 opens" in shown()

    drive(example_workbenches.runaway(), story, size=(160, 34), appearance=Appearance(keys=remap(chosen)))


def test_inspector_uses_and_shows_remapped_keys(drive: Drive) -> None:
    chosen = {
        "inspector.copy": "f6",
        "inspector.up": "f7",
        "inspector.value": "v",
        "inspector.close": "f9",
        "value.fold": "f",
        "value.leave": "b",
    }

    async def story(page: DashboardPage) -> None:
        await page.press("up", "up", "enter")
        assert page.dialogue_keys() == (
            "f7 ↓ records · ←→ format · v value · / searches · f6 copies · t pins as a test · f9 closes"
        )
        title = page.dialogue_title()
        await page.press("y", "up", "escape", "tab")
        assert page.app.clipboard == ""
        assert page.dialogue_title() == title
        assert page.app.focused is None
        await page.press("f7", "f6")
        assert page.dialogue_title() != title
        assert page.app.clipboard == example_workbenches.value(17).decode()
        await page.press("v")
        assert (
            page.dialogue_keys()
            == "↑↓ lines · f → fold · z all · / searches · y Y copies value, path · F new filter · b back"
        )
        await page.press("f")
        assert "members }" in page.text()
        await page.press("b", "f9")
        assert isinstance(page.app.screen, Dashboard)

    drive(example_workbenches.live(0, 20), story, appearance=Appearance(keys=remap(chosen)))


def test_builds_use_and_show_remapped_keys(drive: Drive) -> None:
    workbench = example_workbenches.builds()

    async def story(page: DashboardPage) -> None:
        await page.press("1", "b")
        assert "u switches · f9 shows source · d compares · r restores" in page.text()
        await page.press("down", "enter", "escape")
        assert not any(asked.startswith("use") for asked in workbench.asked)
        await page.press("n", "u")
        assert workbench.asked[-1] == "use 1 2"
        await page.press("f9")
        assert page.notices()[-1] == "the source of v2 is not kept"

    chosen = {"list.down": "n", "list.choose": "u", "builds.view": "f9"}
    drive(workbench, story, appearance=Appearance(keys=remap(chosen)))


def test_other_dialogues_use_remapped_keys(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("question_mark")
        text = page.app.screen.query_one(Reading)
        assert page.dialogue_keys() == "f9 closes · ⇥ signs"
        await page.press("down")
        assert text.scroll_offset.y == 0
        await page.press("f3")
        await page.until(lambda: text.scroll_offset.y == 1)
        await page.press("escape", "f9", "enter", "t")
        assert page.dialogue_keys() == "⏎ chooses · f2 all · f9 cancels"
        await page.press("a", "f9")
        assert isinstance(page.app.screen, Inspector)

    chosen = {
        "text.down": "f3",
        "help.close": "f9",
        "pin.all": "f2",
        "pin.cancel": "f9",
    }
    drive(example_workbenches.live(0, 20), story, (100, 20), appearance=Appearance(keys=remap(chosen)))


def test_palette_lists_inspector_actions(drive: Drive) -> None:
    async def story(page: DashboardPage) -> None:
        await page.press("enter")
        labels = [command.label for command in commands(page.app.screen)]
        assert labels[:2] == ["Close the record", "Previous record"]
        assert "Copy the value" in labels
        await page.press("ctrl+p", *"close the record")
        assert isinstance(page.app.screen, CommandPalette)
        await page.until(lambda: page.app.screen.query_one(CommandList).option_count == 1)
        await page.press("enter")
        await page.until(lambda: isinstance(page.app.screen, Dashboard))

    drive(example_workbenches.live(0, 20), story)


def test_hint_without_key_names_palette() -> None:
    robbed = remap({"dashboard.edit": "m", "dashboard.pause": "f5"})
    app = FluvioTui(example_workbenches.live(1, 5), appearance=Appearance(keys=robbed))
    assert app.key_name("dashboard.message") == "^p"
    assert app.key_name("dashboard.pause") == "f5"
    assert app.key_name("dashboard.inspect") == "⏎"


def test_configured_theme_is_used(drive: Drive, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story(page: DashboardPage) -> None:
        await page.pause()

    assert drive(example_workbenches.live(0, 5), story, appearance=Appearance("nord")).theme == "nord"
    monkeypatch.setenv("NO_COLOR", "1")
    assert (
        drive(example_workbenches.live(0, 5), story, appearance=Appearance("fluvio-light")).theme
        == "fluvio-light"
    )


@pytest.mark.parametrize("before, now", RENAMED.items())
def test_ids_of_earlier_versions_are_accepted(before: str, now: str) -> None:
    found = remap({before: "f6"})
    assert (keys(found, now), found.problems) == ("f6", ())
    refused = remap({before: "hyp+a"})
    assert refused.refused == {before}
