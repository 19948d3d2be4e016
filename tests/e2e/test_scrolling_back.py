"""Reading on before the window, in a real terminal, while another process produces."""

import re

from tests.e2e.conftest import World


def few_rows(world: World) -> None:
    """Let the dashboard keep 1,000 records."""
    config = world.folder / "config.toml"
    config.write_text("[window]\nrows = 1_000\n")
    world.env["FLUVIO_TUI_CONFIG"] = str(config)


def records(text: str) -> int:
    """How many records the pane can show."""
    found = re.search(r"newest ([\d,]+)", text)
    return int(found[1].replace(",", "")) if found else 0


def test_back_to_the_first_record_and_forward_again(world: World) -> None:
    few_rows(world)
    world.produce("t", *(f"value {number}." for number in range(30_000)))
    terminal = world.open("watch", "t")
    terminal.wait_for("value 29999.")
    # Each time at the top, more is read: the next press goes to the top of that.
    while (loaded := records(terminal.text)) < 30_000:
        terminal.type("g")
        terminal.wait_for(lambda text, loaded=loaded: records(text) > loaded)  # type: ignore[misc]
    terminal.type("g")
    held = terminal.wait_for(lambda text: "value 0." in text and "newest 30,000" in text)
    world.produce("t", "newer")
    screen = terminal.wait_for("1 new")
    rows = [line for line in screen.splitlines() if "value" in line]
    assert rows == [line for line in held.splitlines() if "value" in line]
    terminal.type("\x1b[F")
    terminal.wait_for(lambda text: "newer" in text and "newest 1,000" in text)


def test_to_an_offset_and_what_is_wrong_with_another(world: World) -> None:
    few_rows(world)
    world.produce("t", *(f"value {number}." for number in range(30_000)))
    terminal = world.open("watch", "t")
    terminal.wait_for("value 29999.")
    terminal.type(":")
    terminal.wait_for("go to")
    terminal.type("1234\r")
    terminal.wait_for(lambda text: "value 1234." in text and "value 1235." in text)
    terminal.type(":")
    terminal.wait_for("go to")
    terminal.type("yonder\r")
    terminal.wait_for("invalid time 'yonder'")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "go to" not in text)
    terminal.type(":")
    terminal.wait_for("go to")
    terminal.type("30000\r")
    terminal.wait_for("ends before offset 30,000")
