"""Modules kept by name: added, replaced, described, removed, and never trusted."""

import hashlib
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.broker.module_description import DOCUMENTATION
from engine.broker.module_store import LARGEST
from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.errors import ContractError, InitError, SmartStreamError, UnknownSmartStreamError
from engine.library.modules import add_module, open_module
from engine.runtime.loading.compile import LARGEST_HERE
from engine.runtime.loading.wasm_sections import with_custom_section
from tests.engine.runtime.configs import limited
from tests.engine.runtime.costly_modules import slow_to_compile
from tests.engine.runtime.test_parameters import init
from tests.engine.runtime.wat_guests import by_hand, compiled, guest, letters, when
from tests.engine.runtime.wat_makers import maker

DIGIT = by_hand("digit.wat")

pytestmark = pytest.mark.usefixtures("compiled_once")


def test_added_module_evaluates(store: SmartStreamStore) -> None:
    assert not add_module(store, "sf1", DIGIT, "sf1.wasm")
    with open_module(store, "sf1") as stream:
        assert stream.evaluate(letters("a1b")).verdicts.tolist() == [0, 1, 0]


def test_a_module_that_asks_for_parameters_is_kept(store: SmartStreamStore) -> None:
    refuses = maker("map", fields=init("(i32.const 1)"))
    assert not add_module(store, "sf1", refuses, "sf1.wasm")
    with pytest.raises(InitError, match="the stored SmartStream 'sf1': init error"):
        open_module(store, "sf1")


def test_reading_creates_nothing(store: SmartStreamStore, tmp_path: Path) -> None:
    assert store.names() == []
    with pytest.raises(UnknownSmartStreamError):
        store.load("sf1")
    assert list(tmp_path.iterdir()) == []


def test_description_of_a_module(store: SmartStreamStore) -> None:
    before = time.time() - 1
    wasm = with_custom_section(DIGIT, DOCUMENTATION, "Passes digits – all of them.".encode())
    add_module(store, "sf1", wasm, "sf1.wasm")
    found = store.describe("sf1")
    assert (found.name, found.kind, found.size) == ("sf1", "filter", len(wasm))
    assert found.sha256 == hashlib.sha256(wasm).hexdigest()
    assert before <= found.added / 1000 <= time.time() + 1
    assert found.documentation == "Passes digits – all of them."
    add_module(store, "plain", DIGIT, "plain.wasm")
    assert store.describe("plain").documentation == ""


def test_names_are_sorted_and_other_files_ignored(store: SmartStreamStore, tmp_path: Path) -> None:
    for name in ("b", "a", "c.2"):
        add_module(store, name, DIGIT, name)
    for stray in ("notes.txt", ".a.wasm.123", "odd name.wasm"):
        (tmp_path / "data/smartstreams" / stray).write_bytes(DIGIT)
    assert store.names() == ["a", "b", "c.2"]


def test_adding_again_replaces(store: SmartStreamStore, tmp_path: Path) -> None:
    add_module(store, "sf1", DIGIT, "sf1.wasm")
    with open_module(store, "sf1") as running:
        assert add_module(store, "sf1", guest(), "sf1.wasm")
        assert running.evaluate(letters("a1")).verdicts.tolist() == [0, 1], "what runs is not disturbed"
    with open_module(store, "sf1") as stream:
        assert stream.evaluate(letters("a1")).verdicts.tolist() == [1, 1]
    kept = {path.name for path in (tmp_path / "data/smartstreams").iterdir()}
    assert kept == {".lock", "sf1.wasm", "versions"}


def test_removed_module_is_gone(store: SmartStreamStore) -> None:
    add_module(store, "sf1", DIGIT, "sf1.wasm")
    store.remove("sf1")
    assert store.names() == []
    with pytest.raises(UnknownSmartStreamError):
        store.remove("sf1")


def test_unknown_name_suggests_the_nearest(store: SmartStreamStore) -> None:
    add_module(store, "numbers", DIGIT, "numbers.wasm")
    with pytest.raises(UnknownSmartStreamError) as caught:
        store.describe("number")
    assert caught.value.message == "there is no SmartStream 'number'"
    assert caught.value.remedy.startswith("did you mean 'numbers'?")


@pytest.mark.parametrize("name", ["", ".", "..", ".hidden", "a/b", "../up", "a b", "ö", "a\0", "a" * 201])
def test_invalid_names_are_refused(store: SmartStreamStore, name: str) -> None:
    with pytest.raises(SmartStreamError, match="invalid name of a SmartStream"):
        add_module(store, name, DIGIT, "sf1.wasm")
    with pytest.raises(SmartStreamError, match="invalid name of a SmartStream"):
        store.load(name)


IMPORTS = '(module (import "env" "now" (func (result i64))))'


@pytest.mark.parametrize(
    ("wasm", "reason"),
    [
        (b"", "f.bin is empty"),
        (b"#!/bin/sh\n", "f.bin is not WebAssembly"),
        (DIGIT[: len(DIGIT) // 2], "f.bin is not a valid WebAssembly module"),
        (b"\0asm\x0d\0\1\0", "f.bin is a WebAssembly component, not a module"),
        (compiled("(module)"), "f.bin does not export memory"),
        (compiled(IMPORTS), "f.bin imports env.now"),
        (guest(abi="(i32.const 3)"), "version 3 of the guest contract"),
        (DIGIT.ljust(LARGEST + 1, b"\0"), "f.bin is larger than 16 MiB"),
    ],
    ids=["empty", "text", "cut off", "component", "no exports", "imports", "version", "large"],
)
def test_invalid_module_is_refused_and_replaces_nothing(
    store: SmartStreamStore, wasm: bytes, reason: str
) -> None:
    add_module(store, "sf1", DIGIT, "sf1.wasm")
    with pytest.raises(SmartStreamError) as caught:
        add_module(store, "sf1", wasm, "f.bin")
    assert reason in caught.value.message
    assert caught.value.remedy
    assert store.load("sf1") == DIGIT


def test_a_stored_module_is_compiled_within_limits(store: SmartStreamStore) -> None:
    slow, config = slow_to_compile(2_000), limited(compile_seconds=0.3)
    assert len(slow) < LARGEST_HERE, "else size alone is a reason for a process of its own"
    with pytest.raises(ContractError, match="takes longer than 300 ms to compile"):
        add_module(store, "sf1", slow, "f.bin", config=config)
    store.add("sf1", slow)
    with pytest.raises(ContractError, match="takes longer than 300 ms to compile"):
        open_module(store, "sf1", config=config)


def test_changed_file_is_refused_on_open(store: SmartStreamStore, tmp_path: Path) -> None:
    add_module(store, "sf1", DIGIT, "sf1.wasm")
    path = tmp_path / "data/smartstreams/sf1.wasm"
    for size in range(0, len(DIGIT), 7):
        path.write_bytes(DIGIT[:size])
        assert store.describe("sf1").kind in ("filter", "damaged")
        if size % 10 == 0:
            with pytest.raises(ContractError, match=r"^the stored SmartStream 'sf1' "):
                open_module(store, "sf1")
    path.write_bytes(DIGIT[:-20])
    path.write_bytes(b"\0" * (LARGEST + 1))
    with pytest.raises(SmartStreamError, match="larger than 16 MiB"):
        open_module(store, "sf1")


def test_unreadable_modules_are_listed(store: SmartStreamStore, tmp_path: Path) -> None:
    assert store.describe_all() == []
    for name in ("cut", "large", "whole"):
        add_module(store, name, DIGIT, "f")
    folder = tmp_path / "data/smartstreams"
    (folder / "cut.wasm").write_bytes(DIGIT[:30])
    with (folder / "large.wasm").open("wb") as file:
        file.truncate(LARGEST + 5)
    os.mkfifo(folder / "pipe.wasm")
    (folder / "gone.wasm").symlink_to("nowhere")
    found = {module.name: module for module in store.describe_all()}
    assert {name: module.kind for name, module in found.items()} == {
        "cut": "damaged",
        "large": "damaged",
        "pipe": "damaged",
        "whole": "filter",
    }
    assert (found["large"].size, found["large"].sha256) == (LARGEST + 5, "")
    assert found["whole"].problem == ""
    for name, words in {
        "cut": "does not export",
        "large": "larger than 16 MiB",
        "pipe": "is not a file",
    }.items():
        assert words in found[name].problem


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_module_without_permission_is_listed(store: SmartStreamStore, tmp_path: Path) -> None:
    add_module(store, "closed", DIGIT, "f")
    (tmp_path / "data/smartstreams/closed.wasm").chmod(0)
    (found,) = store.describe_all()
    assert "closed.wasm cannot be read: Permission denied" in found.problem


def test_pipe_in_place_of_a_module_is_refused(store: SmartStreamStore, tmp_path: Path) -> None:
    folder = tmp_path / "data/smartstreams"
    folder.mkdir(parents=True)
    os.mkfifo(folder / "pipe.wasm")
    (folder / "folder.wasm").mkdir()
    for name in ("pipe", "folder"):
        with pytest.raises(SmartStreamError, match=rf"{name}\.wasm is not a file"):
            open_module(store, name)


def test_unusable_folder_is_reported(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file")
    store = SmartStreamStore(tmp_path / "data")
    for attempt in (lambda: add_module(store, "sf1", DIGIT, "f"), store.names, lambda: store.load("sf1")):
        with pytest.raises(SmartStreamError, match="cannot use the folder of SmartStreams"):
            attempt()


REPLACE = """
import sys
from pathlib import Path
from engine.files import replace_file
wasm = Path(sys.argv[2]).read_bytes()
print("ready", flush=True)
while True:
    replace_file(Path(sys.argv[1]), wasm)
"""


def test_reading_during_replacement_sees_whole_modules(tmp_path: Path) -> None:
    store = SmartStreamStore(tmp_path / "data")
    versions = [guest(), guest(when("a", "(i32.const 0)"))]
    add_module(store, "sf1", versions[0], "f")
    writers = []
    for number, wasm in enumerate(versions):
        path = tmp_path / f"{number}.wasm"
        path.write_bytes(wasm)
        command = [sys.executable, "-c", REPLACE, str(store.path("sf1")), str(path)]
        writers.append(subprocess.Popen(command, stdout=subprocess.PIPE))
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == b"ready\n"
        assert {store.load("sf1") for _ in range(3000)} <= set(versions)
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    assert store.names() == ["sf1"], "what a killed writer leaves is no SmartStream"
