"""`python -m tests.screenshots [NAME…]`: takes the pictures in screenshots/, of the real program."""

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.screenshots.picture import svg
from tests.terminal import Terminal

PROGRAM = Path(sys.executable).parent / "fluvio-tui"
PICTURES = Path(__file__).parents[2] / "screenshots"
COLUMNS, ROWS = 150, 38
SETTLE_SECONDS = 12
"""How long the demo runs before its picture is taken: sparklines need some history."""


@contextmanager
def demo(columns: int = COLUMNS, rows: int = ROWS) -> Iterator[tuple[Terminal, Path]]:
    """The demo with its filters live, and the folder that they are in."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-") as folder:
        filters = Path(folder) / "filters"
        env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TEXTUAL_THEME")}
        env |= {"FLUVIO_TUI_CONFIG": os.devnull, "FLUVIO_TUI_DATA": folder}
        command = [str(PROGRAM), "demo", "--filters", str(filters)]
        with Terminal(command, columns=columns, rows=rows, env=env) as terminal:
            terminal.wait_for(lambda text: text.count("live g1") == 3, 120)
            yield terminal, filters


def take_demo() -> str:
    """The demo, some seconds after its start."""
    with demo() as (terminal, _):
        time.sleep(SETTLE_SECONDS)
        return svg(terminal, "fluvio-tui demo")


def take_reload() -> str:
    """A save that changed what passes."""
    with demo() as (terminal, filters):
        time.sleep(SETTLE_SECONDS)
        orders = filters / "large_orders.rs"
        orders.write_text(orders.read_text().replace("LARGE: f64 = 100.0", "LARGE: f64 = 60.0"))
        terminal.wait_for("now pass")
        return svg(terminal, "fluvio-tui demo: large_orders.rs was saved with a lower limit")


def take_build_error() -> str:
    """A save that does not compile: the old version goes on, marked STALE."""
    with demo() as (terminal, filters):
        time.sleep(SETTLE_SECONDS)
        number = filters / "has_number.rs"
        number.write_text(number.read_text().replace("is_numeric", "is_numericc"))
        terminal.wait_for(lambda text: "STALE" in text and "is_numericc" in text)
        return svg(terminal, "fluvio-tui demo: has_number.rs was saved with a mistake")


def take_trap() -> str:
    """A record that made a filter panic, opened."""
    with demo() as (terminal, _):
        time.sleep(SETTLE_SECONDS)
        terminal.wait_for("trap at offset")
        terminal.type("m")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: what made has_number.rs trap")


def take_builds() -> str:
    """The builds of a filter, an earlier one of which runs."""
    with demo() as (terminal, filters):
        orders = filters / "large_orders.rs"
        text = orders.read_text()
        for generation, limit in enumerate(("60.0", "10.0", "1OO.0", "200.0"), 2):
            # Renamed into place, or the file may be seen empty and that count as a save of its own.
            saved = orders.with_suffix(".new")
            saved.write_text(text.replace("LARGE: f64 = 100.0", f"LARGE: f64 = {limit}"))
            saved.rename(orders)
            state = "STALE" if "O" in limit else f"live g{generation}"
            terminal.wait_for(state)
            time.sleep(SETTLE_SECONDS / 4)
        terminal.type("3b")
        terminal.wait_for("esc closes")
        terminal.type("jjj\r")
        terminal.wait_for("g2 of 5")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: back to an earlier build of large_orders.rs")


PICTURES_BY_NAME: dict[str, Callable[[], str]] = {
    "demo": take_demo,
    "reload": take_reload,
    "build-error": take_build_error,
    "trap": take_trap,
    "builds": take_builds,
}


def main() -> None:
    """Take the pictures that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m tests.screenshots", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PICTURES_BY_NAME))
    names = parser.parse_args().names or list(PICTURES_BY_NAME)
    for name in names:
        picture = PICTURES / f"{name}.svg"
        picture.write_text(PICTURES_BY_NAME[name]())
        print(picture.relative_to(PICTURES.parent))


if __name__ == "__main__":
    main()
