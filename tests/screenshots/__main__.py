"""`python -m tests.screenshots [NAME…]`: takes the pictures in screenshots/, of the real program."""

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.builds.rust.paths import examples_folder
from engine.producer.sources.demo import DemoStream
from engine.records.batch import record_batch
from tests.screenshots.cast import take_cast
from tests.screenshots.picture import svg
from tests.terminal import Terminal
from tui.cli.commands.demo import FILTERS
from tui.dashboard.app.session_state import Memory

PROGRAM = Path(sys.executable).parent / "fluvio-tui"
PICTURES = Path(__file__).parents[2] / "screenshots"
COLUMNS, ROWS = 150, 38
SETTLE_SECONDS = 12
"""How long the demo runs before its picture is taken: sparklines need some history."""


@contextmanager
def demo(
    *options: str, columns: int = COLUMNS, rows: int = ROWS, first: bool = False, theme: str = ""
) -> Iterator[tuple[Terminal, Path]]:
    """The demo with its filters live, and the folder that they are in; a `first` start has the lesson."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-") as folder:
        filters = Path(folder) / "filters"
        if not first:
            Memory(Path(folder)).keep_taught()
        env = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "TEXTUAL_THEME")}
        env |= {"FLUVIO_TUI_CONFIG": os.devnull, "FLUVIO_TUI_DATA": folder}
        env |= {"TEXTUAL_THEME": theme} if theme else {}
        command = [str(PROGRAM), "demo", "--filters", str(filters), *options]
        with Terminal(command, columns=columns, rows=rows, env=env) as terminal:
            in_sight = min(columns // 36, 4) - 1
            terminal.wait_for(lambda text: text.count("live v1") == in_sight, 120)
            yield terminal, filters


def save(path: Path, text: str) -> None:
    """As most editors save: a file written in place may be seen half written, and be built twice."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


@contextmanager
def settled_demo() -> Iterator[tuple[Terminal, Path]]:
    """The demo, some seconds after its start."""
    with demo() as (terminal, filters):
        time.sleep(SETTLE_SECONDS)
        yield terminal, filters


def save_limit(filters: Path, limit: str) -> None:
    """Save large_orders.rs with another limit than it begins with."""
    orders = filters / "large_orders.rs"
    save(orders, re.sub(r"LARGE: f64 = [^;]*", f"LARGE: f64 = {limit}", orders.read_text()))


def lower_limit(terminal: Terminal, filters: Path) -> None:
    """Save large_orders.rs with a lower limit, and wait until its pane says what that changed."""
    save_limit(filters, "60.0")
    terminal.wait_for("now pass")


def take_demo() -> str:
    """The whole screen."""
    with settled_demo() as (terminal, _):
        return svg(terminal, "fluvio-tui demo")


def take_lesson() -> str:
    """A first start, and its lesson after the first save."""
    with demo(first=True) as (terminal, filters):
        time.sleep(SETTLE_SECONDS)
        lower_limit(terminal, filters)
        terminal.wait_for("✓ save")
        return svg(terminal, "fluvio-tui demo: a first start teaches the loop")


def take_reload() -> str:
    """A save that changed what passes."""
    with settled_demo() as (terminal, filters):
        lower_limit(terminal, filters)
        return svg(terminal, "fluvio-tui demo: large_orders.rs was saved with a lower limit")


def take_changes() -> str:
    """The list of what a save changed, with every pane gone along."""
    with settled_demo() as (terminal, filters):
        lower_limit(terminal, filters)
        terminal.type("d")
        terminal.wait_for("changed:")
        terminal.type("\x1b[B" * 3)
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: d lists what the save changed")


def take_search() -> str:
    """A search with its matches marked."""
    with settled_demo() as (terminal, _):
        terminal.type("/")
        terminal.wait_for("text /")
        terminal.type("lamp")
        terminal.wait_for("records of")
        terminal.type("\r")
        terminal.wait_for("hit ")
        terminal.type("NN")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: / searches, n and N go from match to match")


def take_printed() -> str:
    """What a filter prints, in the panel for that."""
    with settled_demo() as (terminal, filters):
        errors = filters / "errors_only.rs"
        text = errors.read_text()
        end = text.index("{", text.index("pub fn")) + 1
        save(errors, text[:end] + '\n    println!("{} bytes", value.len());' + text[end:])
        terminal.wait_for(lambda text: "live v2" in text)
        terminal.type("o")
        terminal.wait_for("printed")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: o shows what a filter prints")


def take_build_error() -> str:
    """A save that does not compile: the old version goes on, marked STALE."""
    with settled_demo() as (terminal, filters):
        number = filters / "has_number.rs"
        save(number, number.read_text().replace("is_numeric", "is_numericc"))
        terminal.wait_for(lambda text: "STALE" in text and "is_numericc" in text)
        return svg(terminal, "fluvio-tui demo: has_number.rs was saved with a mistake")


def take_trap() -> str:
    """A record that made a filter panic, opened."""
    with settled_demo() as (terminal, _):
        terminal.wait_for("trap at offset")
        terminal.type("m")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: what made has_number.rs trap")


def take_builds() -> str:
    """The builds of a filter, an earlier one of which runs."""
    with demo() as (terminal, filters):
        for version, limit in enumerate(("60.0", "10.0", "1OO.0", "200.0"), 2):
            save_limit(filters, limit)
            state = "STALE" if "O" in limit else f"live v{version}"
            terminal.wait_for(state)
            time.sleep(SETTLE_SECONDS / 4)
        terminal.type("3")
        time.sleep(1)
        terminal.type("b")
        terminal.wait_for("esc closes")
        time.sleep(1)
        terminal.type("jjj\r")
        terminal.wait_for("v2 of 5")
        time.sleep(1)
        return svg(terminal, "fluvio-tui demo: back to an earlier build of large_orders.rs")


def take_consumers() -> str:
    """Three consumers of one filter: the second has almost caught up, the third falls behind."""
    with demo("--consumers") as (terminal, _):
        terminal.wait_for(lambda text: re.search(r"limit 200/s · [1-9]\d\d behind", text) is not None, 60)
        return svg(terminal, "fluvio-tui demo --consumers")


def take_plot() -> str:
    """Throughput and pass rates over time, with the marks of two saves."""
    with settled_demo() as (terminal, filters):
        terminal.type("v")
        for limit, version in (("1.0", 2), ("40.0", 3)):
            save_limit(filters, limit)
            terminal.wait_for(f"live v{version}")
            time.sleep(2 * SETTLE_SECONDS)
        terminal.type("\x1b[D" * 6)
        terminal.wait_for("ago")
        return svg(terminal, "fluvio-tui demo: v plots throughput and pass rates over time")


def take_inspector() -> str:
    """A record in full, with every filter's verdict."""
    with settled_demo() as (terminal, _):
        terminal.type("/")
        terminal.wait_for("text /")
        terminal.type("order\r")
        terminal.wait_for("next")
        terminal.type("\r")
        terminal.wait_for('"customer": "')
        return svg(terminal, "fluvio-tui demo: ⏎ opens a record")


def take_add() -> str:
    """Asking for another filter."""
    with settled_demo() as (terminal, _):
        terminal.type("a")
        terminal.wait_for("esc cancels")
        return svg(terminal, "fluvio-tui demo: a adds a filter")


def take_small() -> str:
    """80 columns, 24 lines, light colours: the other panes are behind tabs."""
    with demo(columns=80, rows=24, theme="fluvio-light") as (terminal, _):
        time.sleep(SETTLE_SECONDS)
        return svg(terminal, "fluvio-tui demo, 80 × 24, light")


def take_scrollback() -> str:
    """A record a million and more before the newest, which the filters have evaluated again."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-") as folder:
        stream = DemoStream()
        with EmbeddedBroker.open(Path(folder)) as broker:
            broker.topics.create("shop")
            for _ in range(30):
                broker.log.append("shop", stream.take(50_000))
        Memory(Path(folder)).keep_taught()
        filters = [part for name in FILTERS for part in ("-f", str(examples_folder() / name))]
        env = {**os.environ, "FLUVIO_TUI_CONFIG": os.devnull, "FLUVIO_TUI_DATA": folder}
        command = [str(PROGRAM), "watch", "shop", *filters]
        with Terminal(command, columns=COLUMNS, rows=ROWS, env=env) as terminal:
            terminal.wait_for(lambda text: text.count("live v1") == 3, 120)
            terminal.type("L:")
            terminal.wait_for("go to")
            terminal.type("123456\r")
            terminal.wait_for(lambda text: "123456 " in text and "loading" not in text, 60)
            time.sleep(2)
            return svg(terminal, "fluvio-tui watch shop: : went to offset 123,456 of 1,500,000")


def take_topics() -> str:
    """Two topics side by side, each with a filter."""
    with tempfile.TemporaryDirectory(prefix="fluvio-tui-") as folder:
        stream = DemoStream()
        payment = '{{"payment":{},"amount":{},"status":"{}"}}'
        payments = [payment.format(n, n * 37 % 250, ("paid", "failed")[n % 5 == 0]) for n in range(1_000)]
        with EmbeddedBroker.open(Path(folder)) as broker:
            for topic in ("shop", "payments"):
                broker.topics.create(topic)
            broker.log.append("shop", stream.take(1_000))
            broker.log.append("payments", record_batch([value.encode() for value in payments]))
        Memory(Path(folder)).keep_taught()
        shop, large = (str(examples_folder() / name) for name in ("errors_only.rs", "large_orders.rs"))
        env = {**os.environ, "FLUVIO_TUI_CONFIG": os.devnull, "FLUVIO_TUI_DATA": folder}
        command = [str(PROGRAM), "watch", "--topic", "shop", "-f", shop, "--topic", "payments", "-f", large]
        with Terminal(command, columns=COLUMNS, rows=ROWS, env=env) as terminal:
            terminal.wait_for(lambda text: text.count("live v1") == 2, 120)
            time.sleep(2)
            return svg(terminal, "fluvio-tui watch --topic shop -f … --topic payments -f …")


PICTURES_BY_NAME: dict[str, Callable[[], str]] = {
    "demo": take_demo,
    "lesson": take_lesson,
    "reload": take_reload,
    "changes": take_changes,
    "search": take_search,
    "printed": take_printed,
    "plot": take_plot,
    "build-error": take_build_error,
    "trap": take_trap,
    "builds": take_builds,
    "inspector": take_inspector,
    "add": take_add,
    "small": take_small,
    "consumers": take_consumers,
    "scrollback": take_scrollback,
    "topics": take_topics,
    "cast": take_cast,
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
