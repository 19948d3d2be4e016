"""Light and dark terminals: what they answer, and what the dashboard makes of it."""

import asyncio
from pathlib import Path

import pytest

from tests.tui.dashboard import example_workbenches
from tui.config.file import ConfigFile
from tui.dashboard.app.app import FluvioTui
from tui.dashboard.app.appearance import Appearance, appearance
from tui.dashboard.app.terminal.background import BackgroundAnswer, said_light


@pytest.mark.parametrize(
    "colour, light",
    [
        ("rgb:ffff/ffff/ffff", True),
        ("rgb:0000/0000/0000", False),
        ("rgb:fd/f6/e3", True),
        ("rgba:1c1c/1c1c/1c1c/ffff", False),
        ("rgb:f/f/f", True),
        ("rgb:0000/2b2b/3636", False),
    ],
)
@pytest.mark.parametrize("end", ["\x07", "\x1b\\"])
def test_answer_is_taken_out_of_the_keys_around_it(colour: str, light: bool, end: str) -> None:
    answer = BackgroundAnswer()
    assert answer.take(f"q\x1b]11;{colour}{end}\x1b[A") == "q\x1b[A"
    assert answer.light is light
    assert answer.take("\x1b]11;rgb:0/0/0\x07") == "\x1b]11;rgb:0/0/0\x07", "there is one answer"


def test_answer_may_come_in_pieces() -> None:
    text = "j\x1b]11;rgb:ffff/ffff/ffff\x1b\\k"
    for cut in range(len(text) + 1):
        for other in range(cut, len(text) + 1):
            answer = BackgroundAnswer()
            pieces = (text[:cut], text[cut:other], text[other:])
            taken = "".join(map(answer.take, pieces))
            # Cut behind its first character it looks like the escape key.
            if text[:cut].endswith("\x1b") or text[:other].endswith("\x1b"):
                continue
            assert (taken, answer.light) == ("jk", True), pieces


@pytest.mark.parametrize("typed", ["\x1b", "\x1b]x", "\x1b]11;" + "9" * 100, "]11;rgb:0/0/0", "\x1b[A"])
def test_keys_are_not_held_back(typed: str) -> None:
    answer = BackgroundAnswer()
    assert answer.take(typed) + answer.take("q") == f"{typed}q"
    assert answer.light is None


@pytest.mark.parametrize(
    "value, light",
    [("0;15", True), ("15;0", False), ("0;default;7", True), ("", False), ("x;y", False), ("7;8", False)],
)
def test_environment_may_say_it(value: str, light: bool) -> None:
    assert said_light({"COLORFGBG": value}) is light


def themes(looks: Appearance) -> tuple[str, str, str | None]:
    """The theme before and after a terminal says that it is light, and what counts as chosen."""
    app = FluvioTui(example_workbenches.live(1, 5), appearance=looks)

    async def main() -> tuple[str, str, str | None]:
        async with app.run_test():
            before = app.theme
            app.suit_background(light=True)
            return before, app.theme, app.chosen_theme

    return asyncio.run(main())


def test_theme_suits_the_background_unless_one_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLORFGBG", raising=False)
    assert themes(Appearance()) == ("fluvio-dark", "fluvio-light", None)
    assert themes(Appearance("nord", chosen=True)) == ("nord", "nord", None)
    monkeypatch.setenv("COLORFGBG", "0;15")
    assert themes(Appearance()) == ("fluvio-light", "fluvio-light", None)
    assert themes(Appearance("fluvio-dark", chosen=True)) == ("fluvio-dark", "fluvio-dark", None)


@pytest.mark.parametrize(
    "chosen, own", [(None, False), ("fluvio-dark", True), ("nord", True), ("gone", False)]
)
def test_remembered_theme_is_a_choice(tmp_path: Path, chosen: str | None, own: bool) -> None:
    assert appearance(ConfigFile(tmp_path), chosen)[0].chosen is own
