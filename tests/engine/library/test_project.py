"""SmartStreams from cargo projects of users: built, stored and used."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.builds.rust.compiler import cargo_environment
from engine.builds.rust.paths import sdk_folder
from engine.builds.rust.toolchain import TARGET, Toolchain
from engine.library.modules import add_module, open_module
from engine.records.verdicts import Verdict
from tests.engine.builds.rust.test_fluvio import DOCUMENTED
from tests.engine.runtime.wat_guests import batch

pytestmark = pytest.mark.cargo

OPTIONS = """
use fluvio_smartmodule::{dataplane::smartmodule::SmartModuleExtraParams, SmartOpt};
use std::convert::TryFrom;

#[derive(SmartOpt, Default)]
struct Options { repeat: Option<u8> }

#[smartmodule(init)]
fn init(params: SmartModuleExtraParams) -> Result<()> {
    println!("{}", Options::try_from(params)?.repeat.is_none());
    Ok(())
}

#[smartmodule(look_back)]
fn before(_: &SmartModuleRecord) -> Result<()> { Ok(()) }
"""
"""What a SmartModule may have beside its kind."""

BuildProject = Callable[[Path], Path]


@pytest.fixture(scope="module")
def filters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the SDK and of the example, because cargo writes beside what it builds."""
    filters = tmp_path_factory.mktemp("filters")
    for folder in ("sdk", "project"):
        ignored = shutil.ignore_patterns("target", "Cargo.lock")
        shutil.copytree(sdk_folder().parent / folder, filters / folder, ignore=ignored)
    return filters


@pytest.fixture(scope="module")
def build_project(toolchain: Toolchain, filters: Path) -> BuildProject:
    settings = cargo_environment(os.environ, toolchain, filters / "home", filters / "target", ())
    # Nobody's own project has the settings that an inline filter is built with.
    del settings["CARGO_ENCODED_RUSTFLAGS"]

    def build(folder: Path) -> Path:
        subprocess.run(
            [toolchain.cargo, "build", "--release", "--offline", "--target", TARGET],
            cwd=folder,
            env=settings,
            check=True,
            capture_output=True,
            timeout=100,
        )
        return filters / "target" / TARGET / "release"

    return build


def test_example_project_is_built_stored_and_used(
    filters: Path, build_project: BuildProject, store: SmartStreamStore
) -> None:
    wasm = build_project(filters / "project") / "steady.wasm"
    add_module(store, "steady", wasm.read_bytes(), "steady.wasm")
    with open_module(store, "steady") as stream:
        evaluated = stream.evaluate(batch([b"20.5", b"21.0", b"29", b"29.3", b"warm"]))
    verdicts = [Verdict.PASS, Verdict.PASS, Verdict.DROP, Verdict.PASS, Verdict.ERROR]
    assert evaluated.verdicts.tolist() == verdicts
    assert [output.text for output in evaluated.printed] == ["8.0 degrees off"]
    documentation = store.describe("steady").documentation
    assert documentation.startswith("Passes the first reading and those within a degree of the previous one")


def test_smartmodule_project_needs_one_line_changed(
    filters: Path, build_project: BuildProject, store: SmartStreamStore
) -> None:
    project = filters / "smartmodule"
    (project / "src").mkdir(parents=True)
    (project / "Cargo.toml").write_text(
        """
[package]
name = "fluvio-wasm-filter"
version = "0.1.0"
edition = "2018"

[lib]
crate-type = ['cdylib']

[dependencies]
fluvio-smartmodule = { path = "../sdk/smartmodule" }

[profile.release]
lto = true
strip = true

[workspace]
"""
    )
    told = '/// Passes "a":\n///\n///     also \\ in code – é\n'
    printing = "#[macro_use] extern crate fluvio_smartmodule;\n"
    source = DOCUMENTED.replace("#[", f"{told}#[").replace("Ok(", 'println!("{}", string);\n    Ok(')
    (project / "src/lib.rs").write_text(printing + source + OPTIONS)
    wasm = build_project(project) / "fluvio_wasm_filter.wasm"
    add_module(store, "letter", wasm.read_bytes(), "letter.wasm")
    with open_module(store, "letter") as stream:
        evaluated = stream.evaluate(batch([b"banana", b"cherry"]))
    assert evaluated.verdicts.tolist() == [Verdict.PASS, Verdict.DROP]
    assert [output.text for output in evaluated.printed] == ["banana", "cherry"]
    assert store.describe("letter").documentation == 'Passes "a":\n\n    also \\ in code – é'
