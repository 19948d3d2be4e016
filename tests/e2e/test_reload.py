"""The main job in a real terminal: save a Rust filter, watch its pane change."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.e2e.conftest import World
from tests.terminal import Terminal
from tests.waiting import wait_for

pytestmark = pytest.mark.cargo

FILTER = """\
#[smartstream(filter)]
pub fn chosen(value: &[u8]) -> bool {{
    value.starts_with(b"{prefix}")
}}
"""
BROKEN = FILTER.replace("starts_with", "begins_with").format(prefix="apple")
FRUIT = [f"{name} {number}" for number in range(3) for name in ("apple", "banana", "cherry")]


def source(prefix: str) -> str:
    return FILTER.format(prefix=prefix)


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def atomic_rename(path: Path, text: str) -> None:
    new = path.with_suffix(".new")
    new.write_text(text)
    new.rename(path)


def backup_and_rename(path: Path, text: str) -> None:
    path.rename(path.with_name(path.name + "~"))
    new = path.with_suffix(".tmp")
    new.write_text(text)
    new.rename(path)


def restored_older(path: Path, text: str) -> None:
    old = path.with_suffix(".orig")
    old.write_text(text)
    os.utime(old, (1_500_000_000, 1_500_000_000))
    shutil.copy2(old, path)


@pytest.fixture
def terminal(world: World) -> Terminal:
    world.produce("fruit", *FRUIT)
    path = world.filter("chosen.rs", source("apple"))
    terminal = world.open("watch", "fruit", "-f", path)
    terminal.wait_for("live v1", 60)
    return terminal


def filtered(terminal: Terminal) -> list[str]:
    """The values in the filter's pane: what stands right of the raw pane's."""
    half = terminal.screen.columns // 2
    rows = [line[half:] for line in terminal.text.splitlines()]
    return [fruit for row in rows for fruit in FRUIT if f" {fruit} " in row]


@pytest.mark.parametrize("save", [in_place, atomic_rename, backup_and_rename, restored_older])
def test_a_save_of_any_kind_changes_the_pane(
    world: World, terminal: Terminal, save: Callable[[Path, str], None]
) -> None:
    terminal.wait_for(lambda _: filtered(terminal) == ["apple 0", "apple 1", "apple 2"])
    save(world.folder / "chosen.rs", source("banana"))
    terminal.wait_for(lambda _: filtered(terminal) == ["banana 0", "banana 1", "banana 2"])
    world.produce("fruit", "cherry 3", "banana 3")
    terminal.wait_for(lambda text: text.count("banana 3") == 2 and text.count("cherry 3") == 1)


def test_a_broken_save_is_shown_and_the_old_version_goes_on(world: World, terminal: Terminal) -> None:
    path = world.folder / "chosen.rs"
    # In one step, so that no save in between takes a number.
    atomic_rename(path, BROKEN)
    shown = ("STALE v1", "begins_with", "E0599", "chosen.rs:3")
    terminal.wait_for(lambda text: all(part in text for part in shown))
    world.produce("fruit", "apple 3")
    terminal.wait_for(lambda text: text.count("apple 3") == 2)
    atomic_rename(path, source("cherry"))
    terminal.wait_for(lambda text: "live v3" in text and "STALE" not in text and "E0599" not in text)
    terminal.wait_for(lambda _: filtered(terminal) == ["cherry 0", "cherry 1", "cherry 2"])


def test_ten_saves_in_a_second_end_on_the_last(world: World, terminal: Terminal) -> None:
    path = world.folder / "chosen.rs"
    for number in range(9):
        path.write_text(source(f"nothing {number}"))
        time.sleep(0.1)
    path.write_text(source("cherry"))
    terminal.wait_for(lambda _: filtered(terminal) == ["cherry 0", "cherry 1", "cherry 2"])
    terminal.wait_for(lambda text: "live" in text and "building" not in text)
    # A supervisor may wait for the next build.
    wait_for(world.processes, lambda left: not {"cargo", "rustc", "rust-lld"} & set(left))


def test_a_trap_is_shown_with_its_place(world: World, terminal: Terminal) -> None:
    path = world.folder / "chosen.rs"
    path.write_text(
        '#[wasm_bindgen(type="filter")]\n'
        "pub fn chosen(value: &[u8]) -> bool {\n"
        "    value[0] != b'c' || panic!(\"no cherries\")\n"
        "}\n"
    )
    shown = ("no cherries", "chosen.rs:3:", "3 traps")
    terminal.wait_for(lambda text: all(part in text for part in shown))
