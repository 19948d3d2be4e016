"""From saving a filter to its first verdict on the screen, against a bare `cargo build` of that change."""

import itertools
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.builds.rust.paths import sdk_folder
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.records.batch import record_batch
from tests.bench.report import Samples, in_turn, ratio, table
from tests.terminal import Terminal
from tui.dashboard.app.session_state import Memory

TURNS = 15
CRATES = """\
---
[dependencies]
serde_json = "1"
regex = "1"
chrono = { version = "0.4", default-features = false, features = ["std"] }
---
"""
VALUES = 20
REST_SECONDS = 0.5
"""Before each turn: saves are seldom closer."""

FILTER = """
pub fn chosen(value: &[u8]) -> bool {{
    let message = std::str::from_utf8(value).unwrap();
    message.ends_with("value {number};")
}}
"""
USING = """
pub fn chosen(value: &[u8]) -> bool {{
    let message = std::str::from_utf8(value).unwrap();
    let is_order = serde_json::from_str::<serde_json::Value>(message).is_ok();
    let is_time = chrono::DateTime::parse_from_rfc3339(message).is_ok();
    let is_value = regex::Regex::new("^value [0-9]+;$").unwrap().is_match(message);
    is_value && !is_order && !is_time && message.ends_with("value {number};")
}}
"""
MANIFEST = """\
[package]
name = "bare"
version = "0.1.0"
edition = "2021"

[lib]
crate-type = ["cdylib"]

[dependencies]
fluvio_tui_guest = {{ path = "{sdk}/guest" }}

[profile.release]
opt-level = 3
panic = "abort"
strip = true
"""


def run(folder: Path) -> None:
    """Measure and print."""
    toolchain = find_toolchain()
    source = folder / "chosen.rs"
    source.write_text(_inline(0))
    data = folder / "data"
    with EmbeddedBroker.open(data) as broker:
        broker.topics.create("values")
        broker.log.append("values", record_batch([f"value {n};".encode() for n in range(VALUES)]))
    Memory(data).keep_taught()
    with _watching(data, source) as terminal:
        screen, bare = in_turn(TURNS, _save(terminal, source), _bare_build(toolchain, folder / "bare"))
    _print(screen, bare)
    named, used = folder / "named.rs", folder / "used.rs"
    named.write_text(_named(0))
    used.write_text(_used(0))
    source.write_text(_inline(0))
    with (
        _watching(data, source) as first,
        _watching(data, named) as second,
        _watching(data, used) as third,
    ):
        saves = _save(first, source), _save(second, named, _named), _save(third, used, _used)
        _print_crates(*in_turn(TURNS, *saves))


@contextmanager
def _watching(data: Path, source: Path) -> Iterator[Terminal]:
    """A dashboard that shows what the filter passes."""
    program = [str(Path(sys.executable).parent / "fluvio-tui"), "--data", str(data)]
    command = [*program, "watch", "values", "--fresh", "--allow-build-scripts", "-f", str(source)]
    with Terminal(command) as terminal:
        terminal.wait_for(lambda text: text.count("value 0;") == 2 and "live" in text, 900)
        yield terminal


def _print_crates(without: Samples, named: Samples, used: Samples) -> None:
    table(
        f"Reloading a filter with serde_json, regex and chrono, median of {TURNS} turns",
        [
            ("without crates", f"{without.median * 1000:.0f} ms", ""),
            ("names them / without", f"{ratio(named, without):.2f}", "expected at most 1.3"),
            ("uses them / without", f"{ratio(used, without):.2f}", "expected at most 1.3"),
        ],
    )


def _print(screen: Samples, bare: Samples) -> None:
    table(
        f"Reloading a filter, in a real terminal (120 × 34), median of {TURNS} turns",
        [
            ("save to first new verdict written to the terminal", f"{screen.median * 1000:.0f} ms", ""),
            ("bare cargo build of the same change", f"{bare.median * 1000:.0f} ms", ""),
            ("save to screen / bare build", f"{ratio(screen, bare):.2f}", "expected at most 1.35"),
        ],
    )


def _inline(number: int) -> str:
    return "#[smartstream(filter)]" + FILTER.format(number=number)


def _named(number: int) -> str:
    return CRATES + _inline(number)


def _used(number: int) -> str:
    return CRATES + "#[smartstream(filter)]" + USING.format(number=number)


def _save(terminal: Terminal, source: Path, text_of: Callable[[int], str] = _inline) -> Callable[[], float]:
    numbers = itertools.cycle(range(1, VALUES))
    versions = itertools.count(2)
    draft = source.with_suffix(".draft")

    def turn() -> float:
        number = next(numbers)
        version = next(versions)
        time.sleep(REST_SECONDS)
        started = time.perf_counter()
        # As most editors save: a file written in place may be seen half written, and be built twice.
        draft.write_text(text_of(number))
        draft.replace(source)
        terminal.wait_for(f"live v{version}")
        taken = time.perf_counter() - started
        wanted = f"value {number};"
        terminal.wait_for(lambda text: text.count(wanted) == 2)
        return taken

    return turn


def _bare_build(toolchain: Toolchain, folder: Path) -> Callable[[], float]:
    root = folder / "src" / "lib.rs"
    root.parent.mkdir(parents=True)
    (folder / "Cargo.toml").write_text(MANIFEST.format(sdk=sdk_folder()))
    numbers = itertools.count(1)
    command = [toolchain.cargo, "build", "--release", "--offline", "--target", TARGET]

    def turn() -> float:
        text = "use fluvio_tui_guest::prelude::*;\n" + _inline(next(numbers))
        time.sleep(REST_SECONDS)
        started = time.perf_counter()
        root.write_text(text)
        subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "RUSTC": str(toolchain.rustc)},
            check=True,
            capture_output=True,
        )
        return time.perf_counter() - started

    return turn
