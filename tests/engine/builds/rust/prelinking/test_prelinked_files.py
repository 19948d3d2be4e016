"""Files whose crates are linked before them do what they do when they are linked whole."""

import logging
import shutil
from pathlib import Path

import pytest

from engine.builds.language import Target
from engine.builds.rust.paths import examples_folder
from engine.builds.rust.prelinking.layout import CRATES_DATA, LEAST_MEMORY
from engine.builds.rust.toolchain import Toolchain
from engine.errors import ContractError, SmartStreamError
from engine.process.job import Job
from engine.records.faults import Fault
from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from engine.runtime.loading.prelinked import WASM, prelinked_folder
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import Shown, batch_of, shown
from tests.engine.builds.rust.prelinking.conftest import Build, Inline
from tests.engine.builds.rust.test_examples import VALUES
from tests.engine.runtime.wat_guests import letters
from tests.waiting import wait_until

pytestmark = pytest.mark.cargo

EVERYTHING = """
use std::collections::HashMap;
use std::sync::Mutex;

static SEEN: Mutex<Option<HashMap<String, usize>>> = Mutex::new(None);
static mut BLANK: [u8; 100] = [0; 100];

struct EndsWith(u8);
impl rules::Rule for EndsWith {
    fn passes(&self, value: &[u8]) -> bool { value.last() == Some(&self.0) }
}

#[smartstream(map)]
fn told(value: &str) -> Result<String> {
    let both: [Box<dyn rules::Rule>; 2] = [rules::longer(2), Box::new(EndsWith(b'!'))];
    let passes = rules::all(&both, value.as_bytes());
    let mut seen = SEEN.lock().unwrap();
    let seen = seen.get_or_insert_with(HashMap::new).entry(value.into()).or_insert(0);
    *seen += 1;
    match value {
        "panic" => panic!("here"),
        "crate" => Ok(rules::number(value).to_string()),
        "deep" => Ok(rules::deep(1_000_000).to_string()),
        "index" => Ok(value.as_bytes()[seen.wrapping_add(9)].to_string()),
        "memory" => Ok(vec![*seen as u8; 1 << 30].len().to_string()),
        "error" => Err("no".into()),
        _ => Ok(format!(
            "{value} {passes} {seen} {} {} {:?} {:.2}",
            rules::asked(),
            unsafe { BLANK[*seen] },
            rules::doubled(&[value.len(), 1]),
            value.len() as f64 / 3.0,
        )),
    }
}
"""
TEXTS = [
    b"one!",
    b"no",
    b"one!",
    b"panic",
    b"crate",
    b"deep",
    b"index",
    b"memory",
    b"error",
    b"\xff",
    b"one!",
]


def told(wasm: bytes, values: list[bytes]) -> tuple[Shown, list[Fault]]:
    """What comes of values in baseline code, and of the same again in optimized code."""
    batch = batch_of(values)
    config = ModuleConfig(aggregate_initial=b"")
    with SmartStream(wasm, name="sf1.rs", quick=True, config=config) as stream:
        first = stream.evaluate(batch)

        def has_moved() -> bool:
            stream.evaluate(letters(""))
            return stream.optimized

        wait_until(has_moved)
        second = stream.evaluate(batch)
        return [shown(first, batch), shown(second, batch)], [*first.faults, *second.faults]


@pytest.fixture
def prelinks(toolchain: Toolchain) -> None:
    if toolchain.rust_lld is None:
        pytest.skip("this toolchain came without rust-lld")


@pytest.mark.usefixtures("prelinks")
def test_a_file_does_the_same(build: Build) -> None:
    linked, whole = build(EVERYTHING), build(EVERYTHING, Target.FLUVIO_TUI)
    assert linked.wasm is not None, linked
    assert whole.wasm is not None, whole
    # Otherwise both would be the same.
    assert len(linked.wasm) < len(whole.wasm) / 2
    assert told(linked.wasm, TEXTS) == told(whole.wasm, TEXTS)


@pytest.mark.usefixtures("prelinks")
@pytest.mark.parametrize("name", ["large_orders", "revenue", "words"])
def test_an_example_does_the_same(build: Build, name: str) -> None:
    source = (examples_folder() / f"{name}.rs").read_text()
    linked, whole = build(source), build(source, Target.FLUVIO_TUI)
    assert linked.wasm is not None, linked
    assert whole.wasm is not None, whole
    assert len(linked.wasm) < len(whole.wasm) / 2
    assert told(linked.wasm, VALUES) == told(whole.wasm, VALUES)


@pytest.mark.usefixtures("prelinks")
def test_crates_are_linked_once(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    assert build(EVERYTHING).wasm
    linked = {path: path.stat().st_mtime_ns for path in prelinked_folder().glob("*/crates.wasm")}
    assert build(EVERYTHING.replace("here", "there"), name="sf2.rs").wasm
    assert linked == {path: path.stat().st_mtime_ns for path in prelinked_folder().glob("*/crates.wasm")}
    assert caplog.messages == []


@pytest.mark.usefixtures("prelinks")
def test_errors_of_the_compiler_are_as_ever(build: Build, tmp_path: Path) -> None:
    (error, *_) = build(
        "#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { rules::all(value) }\n"
    ).diagnostics
    assert str(error.location).startswith(f"{tmp_path}/sf1.rs:6:30")


PLAIN = """
use rules::Rule;
#[smartstream(filter)]
fn f(value: &[u8]) -> bool { rules::longer(2).passes(value) }
"""
OWN_ALLOCATOR = "#[global_allocator]\nstatic A: std::alloc::System = std::alloc::System;\n"
USES_LARGE = PLAIN.replace("{", "{ unsafe { std::ptr::addr_of_mut!(LARGE[2]).write_volatile(0) };", 1)
LARGE = f"static mut LARGE: [u8; {CRATES_DATA}] = [0; {CRATES_DATA}];\n"


@pytest.mark.parametrize("code", [OWN_ALLOCATOR + PLAIN, LARGE + USES_LARGE], ids=["allocator", "data"])
def test_what_cannot_be_linked_so_is_linked_whole(build: Build, code: str) -> None:
    compiled = build(code)
    assert compiled.wasm is not None, compiled
    assert compiled.wasm == build(code, Target.FLUVIO_TUI).wasm
    assert told(compiled.wasm, [b"abc", b"a"])[0][0] == [(0, None, b"abc")]


def test_a_small_memory_is_left_to_the_file(build: Build) -> None:
    limits = Limits(memory_bytes=LEAST_MEMORY - 1)
    assert build(PLAIN, limits=limits).wasm == build(PLAIN, Target.FLUVIO_TUI, limits=limits).wasm


@pytest.mark.usefixtures("prelinks")
def test_a_damaged_linker_is_not_needed(build: Build, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    assert build(EVERYTHING).wasm
    scripts = {script: script.read_text() for script in prelinked_folder().glob("*/link")}
    assert scripts
    for script in scripts:
        script.write_text("#!/bin/sh\nexit 1\n")
    try:
        compiled = build(EVERYTHING, name="sf3.rs")
    finally:
        for script, text in scripts.items():
            script.write_text(text)
    assert compiled.wasm is not None
    assert told(compiled.wasm, [b"one!"])[1] == []
    assert any("is linked with its crates at each save" in line for line in caplog.messages)


@pytest.mark.usefixtures("prelinks")
def test_crates_that_are_gone_are_missed(build: Build) -> None:
    compiled = build(EVERYTHING)
    assert compiled.wasm is not None
    folders = [path for path in prelinked_folder().iterdir() if (path / WASM).exists()]
    for folder in folders:
        (folder / WASM).rename(folder / "away")
    try:
        with pytest.raises(ContractError, match="needs crates that are no longer in the cache"):
            SmartStream(compiled.wasm, name="sf1.rs", quick=True)
    finally:
        for folder in folders:
            (folder / "away").rename(folder / WASM)


@pytest.mark.usefixtures("prelinks")
def test_crates_that_another_program_removed_are_linked_again(
    inline: Inline, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path / "cache"))
    source = inline(PLAIN)
    before = source.build(Job()).wasm
    shutil.rmtree(prelinked_folder())
    after = source.build(Job()).wasm
    assert after is not None
    assert after == before
    assert told(after, [b"abc", b"a"])[0][0] == [(0, None, b"abc")]


@pytest.mark.usefixtures("prelinks")
def test_damaged_code_is_made_again(build: Build) -> None:
    compiled = build(EVERYTHING)
    assert compiled.wasm is not None
    for native in prelinked_folder().glob("*/*.native"):
        # Another file: this process may still have mapped the old one.
        native.unlink()
        native.write_bytes(b"damaged")
    assert told(compiled.wasm, [b"one!"])[1] == []


@pytest.mark.usefixtures("prelinks")
def test_crates_that_others_may_change_are_refused(build: Build) -> None:
    compiled = build(EVERYTHING)
    assert compiled.wasm is not None
    folders = [path for path in prelinked_folder().iterdir() if (path / WASM).exists()]
    for folder in folders:
        folder.chmod(0o770)
    try:
        with pytest.raises(SmartStreamError, match="other users may write to the folder"):
            SmartStream(compiled.wasm, name="sf1.rs", quick=True)
    finally:
        for folder in folders:
            folder.chmod(0o700)


@pytest.mark.usefixtures("prelinks")
def test_a_module_of_others_cannot_use_them(build: Build) -> None:
    compiled = build(EVERYTHING)
    assert compiled.wasm is not None
    with pytest.raises(ContractError, match="imports env"):
        SmartStream(compiled.wasm, name="sf1.rs", foreign=True)
