"""Terminals of other kinds, the mouse, and values that are made to move what stands beside them."""

import re
from collections.abc import Iterator

import pytest

from tests.e2e.conftest import World
from tests.engine.runtime.wat_guests import guest
from tests.terminal import Terminal

HOSTILE = (
    "plain",
    "e\u0301 combining",
    "\u0301\u0301\u0301 nothing before them",
    "👩\u200d👩\u200d👧 family",
    "🇫🇷🇩🇪🇫 flags",
    "👍🏽 skin",
    "❤\ufe0f 1\ufe0f\u20e3 chosen as emoji",
    "大阪 ＡＢ wide",
    "हिन्दी में एक संदेश नमस्ते",
    "நிலைத்தகவல் மாற்றப்பட்டது",
    "\u3164\u115f fillers",
    "שלום עולם",
    "مرحبا بالعالم",
    "\u202eturned round\u202c \u2066isolated\u2069 \u200f",
    "\x1b[2J\x1b[10;10Hmoved\x1b]0;owned\x07\r\n\x9b31m",
    "हिन्दी " * 30,
    "👍🏽❤\ufe0f🇫🇷" * 30,
)
COLOUR = re.compile(rb"\x1b\[([0-9;]*)m")
UP, WHEEL_UP, WHEEL_DOWN, LEFT = "\x1b[A", 64, 65, 0


@pytest.fixture
def hostile(world: World) -> World:
    """A topic of such values, and a stored SmartStream that passes them all."""
    world.run("produce", "t", "--create", "--json", text="".join(map(_json, HOSTILE)))
    _store_all(world)
    return world


def _json(value: str) -> str:
    escaped = "".join(f"\\u{ord(c):04x}" if ord(c) < 0x20 else c for c in value)
    return f'{{"value": "{escaped}"}}\n'


def _store_all(world: World) -> None:
    module = world.folder / "all.wasm"
    module.write_bytes(guest("(i32.const 1)"))
    world.run("smartstream", "add", "all", "--file", str(module))


def _mouse(terminal: Terminal, button: int, x: int, y: int, *, times: int = 1) -> None:
    """A press, and a release but for a turn of the wheel; from 0, as on the screen."""
    place = f"\x1b[<{button};{x + 1};{y + 1}"
    terminal.type((f"{place}M{place}m" if button == LEFT else f"{place}M") * times)


def _place(terminal: Terminal, text: str) -> tuple[int, int]:
    """Where a text stands, as column and row; its first character must be one of one cell's width."""
    lines = terminal.text.splitlines()
    row = next(number for number, line in enumerate(lines) if text in line)
    return lines[row].index(text), row


@pytest.mark.parametrize("columns", [80, 120])
def test_no_value_moves_what_stands_beside_it(hostile: World, columns: int) -> None:
    terminal = hostile.open("watch", "t", "-s", "all", columns=columns, rows=24)
    terminal.wait_for(lambda text: "live v1" in text and text.count("plain") == 2)

    def borders() -> list[str]:
        with terminal.held() as screen:
            rows = range(4, 4 + len(HOSTILE))
            places = (0, columns // 2, columns // 2 + 1)
            return ["".join(screen.buffer[row][column].data for column in places) for row in rows]

    # Drawn as a whole, and then each pane by itself.
    terminal.type("?")
    terminal.wait_for("type to filter")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "type to filter" not in text and set(borders()) == {"▌│ "})
    terminal.type("1" + UP * 3)
    terminal.wait_for(lambda text: "paused" in text and set(borders()) == {"│▌ "})


def test_the_order_of_right_to_left_text_is_left_to_the_program_until_it_ends(hostile: World) -> None:
    terminal = hostile.open("watch", "t")
    terminal.wait_for("plain")
    assert terminal.raw.count(b"\x1b[8l") == 1 and b"\x1b[8h" not in terminal.raw
    terminal.type("q")
    assert terminal.wait() == 0
    assert terminal.raw.rfind(b"\x1b[8h") > terminal.raw.rfind(b"\x1b[8l")


def test_what_a_value_asks_of_the_terminal_is_spelt_out_in_the_inspector_and_the_search(
    hostile: World,
) -> None:
    terminal = hostile.open("watch", "t")
    terminal.wait_for("plain")
    terminal.type("/owned\r")
    terminal.wait_for("hit 1 of 1")
    terminal.type("\r")
    terminal.wait_for(lambda text: "text" in text and r"\x1b[10;10Hmoved\x1b]0;owned\x07" in text)
    assert b"\x1b]0;owned" not in terminal.raw and b"\x1b[10;10Hmoved" not in terminal.raw
    assert "\u202e".encode() not in terminal.raw and "\u2066".encode() not in terminal.raw


@pytest.mark.parametrize(
    ("term", "up", "home", "end"),
    [
        ("xterm", "\x1bOA", "\x1bOH", "\x1bOF"),
        ("screen-256color", "\x1b[A", "\x1b[1~", "\x1b[4~"),
        ("tmux-256color", "\x1bOA", "\x1b[1~", "\x1b[4~"),
        ("linux", "\x1b[A", "\x1b[1~", "\x1b[4~"),
        ("vt220", "\x1bOA", "\x1b[1~", "\x1b[4~"),
    ],
)
def test_a_terminal_of_another_kind(world: World, term: str, up: str, home: str, end: str) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    world.env |= {"TERM": term, "COLORTERM": ""}
    terminal = world.open("watch", "t", columns=80, rows=24)
    terminal.wait_for("value 199")
    terminal.type(home)
    terminal.wait_for(lambda text: "value 0 " in text and "paused" in text)
    terminal.type(end)
    terminal.wait_for(lambda text: "value 199" in text and "paused" not in text)
    terminal.type(up)
    terminal.wait_for("paused")
    terminal.wait_for(lambda _: _stands_out(terminal, "value 199"))
    assert b"38;2;" not in terminal.raw and b"48;2;" not in terminal.raw, "more colours than it has"
    terminal.type("q")
    assert terminal.wait() == 0
    assert terminal.modes == terminal.before


def _stands_out(terminal: Terminal, text: str) -> bool:
    """Whether the line with a text has another background than the one above it, and is no less readable."""
    column, row = _place(terminal, text)
    with terminal.held() as screen:
        here, above = screen.buffer[row][column], screen.buffer[row - 1][column]
        cells = [screen.buffer[row][place] for place in range(1, column + len(text))]
    differs = (here.bg, here.reverse) != (above.bg, above.reverse)
    return differs and all(cell.fg != cell.bg for cell in cells if cell.data != " ")


def test_the_choice_of_a_list_stands_out_of_16_colours(world: World) -> None:
    world.produce("t", "value")
    world.env |= {"TERM": "xterm", "COLORTERM": ""}
    terminal = world.open("watch", "t")
    terminal.wait_for("value")
    terminal.type("R")
    terminal.wait_for("from now on")
    terminal.type("\x1b[B")
    terminal.wait_for(
        lambda _: _background(terminal, "from the beginning") != _background(terminal, "from now")
    )


def _style(terminal: Terminal, column: int, row: int) -> tuple[str, str, bool]:
    with terminal.held() as screen:
        cell = screen.buffer[row][column]
        return cell.fg, cell.bg, cell.reverse


def _background(terminal: Terminal, text: str) -> str:
    column, row = _place(terminal, text)
    with terminal.held() as screen:
        return str(screen.buffer[row][column].bg)


def test_light_terminal_gets_the_light_theme(world: World) -> None:
    world.produce("t", "value")
    world.env.pop("COLORFGBG", None)
    terminal = world.open("watch", "t")
    terminal.wait_for("value")
    assert b"\x1b]11;?\x1b\\" in terminal.raw

    def ground() -> str:
        with terminal.held() as screen:
            return str(screen.buffer[10][60].bg)

    # The first frame comes before the terminal says that it knows frames: it may be half there.
    terminal.wait_for(lambda _: ground() == "10141b")
    terminal.type("\x1b]11;rgb:ffff/ffff/ffff\x1b\\")
    terminal.wait_for(lambda text: ground() == "fcfcfd" and "value" in text)
    terminal.type("q")
    assert terminal.wait() == 0, "the answer was not taken for keys"


@pytest.mark.parametrize("term", ["xterm-256color", "xterm"])
def test_without_colours_only_greys_are_sent(world: World, term: str) -> None:
    world.produce("t", "value")
    _store_all(world)
    world.env |= {"NO_COLOR": "1", "TERM": term, "COLORTERM": "truecolor" if term != "xterm" else ""}
    terminal = world.open("watch", "t", "-s", "all")
    terminal.wait_for("live v1")
    terminal.type("\r")
    terminal.wait_for("1 @all")
    asked = list(_colours(bytes(terminal.raw)))
    assert asked
    for colour in asked:
        greys = {30, 37, 40, 47, 90, 97, 100, 107}
        assert colour[0] in greys if len(colour) == 1 else len(set(colour[2:])) == 1, colour


def _colours(output: bytes) -> Iterator[list[int]]:
    """What was asked for as a colour: its number alone, or 38 or 48, 2, red, green, blue."""
    for found in COLOUR.findall(output):
        numbers = [int(number or 0) for number in found.split(b";")]
        while numbers:
            length = 5 if numbers[0] in (38, 48) else 1
            if numbers[0] >= 30 and numbers[0] not in (39, 49):
                yield numbers[:length]
            numbers = numbers[length:]


def test_the_mouse_scrolls_chooses_opens_and_turns(world: World) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    _store_all(world)
    for name in ("more", "most"):
        world.run("smartstream", "add", name, "--file", str(world.folder / "all.wasm"))
    terminal = world.open("watch", "t", "-s", "all", "-s", "more", "-s", "most", columns=80, rows=24)
    terminal.wait_for(lambda text: "live v1" in text and "value 199" in text)
    _mouse(terminal, LEFT, *_place(terminal, "Help"))
    terminal.wait_for("Up a record")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "Up a record" not in text)
    _mouse(terminal, WHEEL_UP, 10, 12)
    terminal.wait_for(lambda text: "paused" in text and "value 199" in text.splitlines()[-2][40:])
    _mouse(terminal, WHEEL_DOWN, 10, 12)
    _mouse(terminal, WHEEL_DOWN, 10, 12)
    terminal.wait_for(lambda text: "paused" not in text)
    column, row = _place(terminal, "value 190")
    _mouse(terminal, LEFT, column, row)
    terminal.wait_for(lambda _: _stands_out(terminal, "value 190"))
    _mouse(terminal, LEFT, column, row, times=2)
    terminal.wait_for("offset 190")
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "offset 190" not in text)
    _mouse(terminal, LEFT, *_place(terminal, "3 @most"))
    terminal.wait_for(lambda text: text.count("3 @most") == 2)


def test_the_scroll_bar_is_dragged(world: World) -> None:
    world.produce("t", *(f"value {number}" for number in range(2_000)))
    terminal = world.open("watch", "t", columns=80, rows=24)
    terminal.wait_for("value 1999")
    before = _style(terminal, 79, 22)
    terminal.type("\x1b[<0;80;23M")
    terminal.wait_for(lambda _: _style(terminal, 79, 22) != before)
    terminal.type("\x1b[<32;80;12M\x1b[<32;80;3M\x1b[<0;80;3m")
    terminal.wait_for(lambda text: "paused" in text and "value 0 " in text)


def test_a_value_as_large_as_there_may_be_keeps_nobody_waiting(world: World) -> None:
    large = world.folder / "large"
    large.write_bytes("大 needle ".encode() + b"x" * ((16 << 20) - 17) + b"thread")
    world.run("produce", "t", "--create", "--raw", str(large))
    world.produce("t", "after")
    terminal = world.open("watch", "t", columns=80, rows=24)
    terminal.wait_for(lambda text: "大" in text and "needle" in text and "after" in text)
    for typed, shown in (
        ("/thread\r", "n next"),
        ("\r", "16 MiB"),
        ("G", "and 15.8 MiB more"),
        ("\x1b[C", "00000000"),
        ("G", "xthread"),
    ):
        terminal.type(typed)
        terminal.wait_for(shown)
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "16 MiB" not in text and "hit 1 of 1" in text)
    terminal.type("\x1b")
    terminal.wait_for(lambda text: "hit 1 of 1" not in text)
    terminal.type("q")
    assert terminal.wait() == 0


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (300, 80)])
def test_small_and_large(world: World, columns: int, rows: int) -> None:
    world.produce("t", *(f"value {number}" for number in range(200)))
    terminal = world.open("watch", "t", columns=columns, rows=rows)
    terminal.wait_for(lambda text: text.splitlines()[-2].strip("▌ ") == "199 value 199")
    for key, shown in (("?", "Up a record"), ("\r", "of partition 0"), ("p", "a record to t"), ("s", "save")):
        terminal.type(key)
        terminal.wait_for(lambda text, shown=shown: shown in text and "│" in text)  # type: ignore[misc]
        terminal.type("\x1b")
        terminal.wait_for(lambda text, shown=shown: shown not in text)  # type: ignore[misc]
