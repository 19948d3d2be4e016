"""The film in the README: the loop, from a prompt to the changed pane, played by the real program."""

import os
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.producer.sources.demo import DemoStream
from tests.screenshots.animation import Recording, film
from tests.terminal import Terminal
from tui.dashboard.app.session_state import Memory

COLUMNS, ROWS = 110, 28
RECORDS = 400
KEY_SECONDS = 0.07
"""Between the keys of somebody who types."""
FILTER = """\
#[smartstream(filter)]
fn large(record: &Record) -> bool {
    let amount = record.json("amount").as_f64();
    amount > Some(250.0)
}
"""
UP, DOWN, RIGHT, END = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[F"
DELETE, BACKSPACE, SAVE, QUIT = "\x1b[3~", "\x7f", "\x13", "\x03"

LEFT = b"\x1b[?1049l"
"""What a program writes as it leaves the second screen."""


def take_cast() -> str:
    """Records, a filter, and two saves of it: a better one, and one that does not compile."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-") as name:
        folder = Path(name)
        (folder / "large.rs").write_text(FILTER)
        Memory(folder / "data").keep_taught()
        with EmbeddedBroker.open(folder / "data") as broker:
            broker.topics.create("shop")
            broker.log.append("shop", DemoStream().take(RECORDS))
        shell = ["bash", "--norc", "--noprofile", "-i"]
        with Terminal(shell, columns=COLUMNS, rows=ROWS, env=_environment(folder), cwd=folder) as terminal:
            with Recording(terminal) as recording:
                _play(terminal)
            # A shell's job outlives it, and would go on writing into the folder.
            terminal.type(QUIT)
            terminal.wait_for_output(LEFT, 0)
            terminal.type("exit\r")
            terminal.wait()
        return film(recording.frames(), "fluvio-tui: save a filter, and its pane changes")


def _environment(folder: Path) -> dict[str, str]:
    left_out = ("NO_COLOR", "TEXTUAL_THEME", "PROMPT_COMMAND")
    return {
        **{name: value for name, value in os.environ.items() if name not in left_out},
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PS1": "$ ",
        # The emulator has no second screen, on which a program begins with an empty one.
        "PS0": "\033[2J\033[H",
        "FLUVIO_TUI_CONFIG": os.devnull,
        "FLUVIO_TUI_DATA": str(folder / "data"),
    }


def _play(terminal: Terminal) -> None:
    terminal.wait_for("$")
    time.sleep(1)
    _type(terminal, "fluvio-tui watch shop -f large.rs\r")
    terminal.wait_for("live v1", 120)
    time.sleep(2)
    _press(terminal, ["\t", "E"])
    terminal.wait_for("as_f64")
    time.sleep(1)
    _press(terminal, [DOWN] * 3)
    _press(terminal, [RIGHT] * 18)
    _press(terminal, [DELETE])
    _type(terminal, "1")
    time.sleep(0.5)
    _press(terminal, [SAVE])
    terminal.wait_for("now pass", 60)
    time.sleep(3)
    _press(terminal, [UP, END, BACKSPACE, SAVE])
    terminal.wait_for("STALE", 60)
    time.sleep(3)
    _press(terminal, [";", SAVE])
    terminal.wait_for(lambda text: "live v" in text and "STALE" not in text, 60)
    time.sleep(1)


def _type(terminal: Terminal, text: str) -> None:
    _press(terminal, list(text))


def _press(terminal: Terminal, keys: Sequence[str]) -> None:
    for key in keys:
        terminal.type(key)
        time.sleep(KEY_SECONDS)
