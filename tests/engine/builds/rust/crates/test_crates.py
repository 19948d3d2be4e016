"""Files that use crates, which a folder has instead of crates.io."""

import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from engine.builds.from_file import InlineSource
from engine.builds.rust.compiler import Compiler
from engine.builds.rust.crates.fetching import Fetcher
from engine.builds.rust.crates.permissions import BuildScriptsError
from engine.builds.rust.libraries import Wanted
from engine.builds.rust.pruning import LOCK
from engine.builds.rust.toolchain import Toolchain
from engine.builds.rust.workplace import KEPT_FILES
from engine.errors import BuildError
from engine.file_lock import FileLock
from engine.process.job import Job, SupersededError
from engine.runtime.limits import Limits
from tests.engine.builds.build_once import build_once
from tests.engine.builds.rust.crates.local_registry import LocalRegistry
from tests.engine.conftest import evaluate_values
from tests.processes import processes
from tests.waiting import wait_until

pytestmark = pytest.mark.cargo

USES = """\
---
[dependencies]
{crates}
---
#[smartstream(filter)]
fn f(value: &[u8]) -> bool {{ {test} }}
"""
SHORT = "pub fn short(value: &[u8]) -> bool { value.len() < LONGEST }\n"
Build = Callable[..., BuildResult]


@pytest.fixture
def registry(tmp_path: Path) -> LocalRegistry:
    made = LocalRegistry(tmp_path)
    made.add("short", SHORT + "const LONGEST: usize = 3;\n")
    return made


@pytest.fixture
def environ(registry: LocalRegistry, toolchain: Toolchain) -> dict[str, str]:
    return {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo), "CARGO_HOME": str(registry.home)}


@pytest.fixture
def build(tmp_path: Path, build_cache: Path, environ: dict[str, str]) -> Build:
    """Write a file that names crates and tests a value, and build it."""

    def build(crates: str, test: str, limits: Limits | None = None, name: str = "sf1.rs") -> BuildResult:
        path = tmp_path / name
        path.write_text(USES.format(crates=crates, test=test))
        return build_once(path, cache=build_cache, environ=environ, limits=limits)

    return build


def passed(build: BuildResult, *values: bytes) -> list[bytes]:
    assert build.wasm is not None, build
    return [values[index] for index in evaluate_values(build.wasm, values).outputs.source]


def test_a_crate_is_compiled_once(
    build: Build, tmp_path: Path, build_cache: Path, environ: dict[str, str]
) -> None:
    assert passed(build('short = "1"', "short::short(value)"), b"a", b"abcd") == [b"a"]
    lock = tmp_path / "sf1.lock"
    assert 'name = "short"\nversion = "1.0.0"' in lock.read_text()
    written = lock.stat().st_mtime_ns
    # Another file, spelled otherwise: cargo only writes its lock file.
    other = tmp_path / "sf2.rs"
    other.write_text(USES.format(crates='[dependencies.short]\nversion = "1"', test="!short::short(value)"))
    said: list[str] = []
    assert InlineSource(other, cache=build_cache, environ=environ).build(Job(said.append)).wasm
    assert said[0] == "fetching crates: short"
    assert not any("compiling" in doing for doing in said)
    # From now on a build only runs rustc.
    said.clear()
    assert InlineSource(other, cache=build_cache, environ=environ).build(Job(said.append)).wasm
    assert said == []
    assert lock.stat().st_mtime_ns == written


def test_the_lock_file_keeps_versions(build: Build, registry: LocalRegistry, tmp_path: Path) -> None:
    assert build('short = "1"', "short::short(value)").ready
    registry.add("short", SHORT + "const LONGEST: usize = 5;\n", version="1.1.0")
    assert passed(build('short = "1"', "short::short(value)"), b"a", b"abcd") == [b"a"]
    registry.add("long", "pub fn long(value: &[u8]) -> bool { value.len() > 9 }\n")
    # A crate that is added changes no other.
    both = build('short = "1"\nlong = "1"', "short::short(value) || long::long(value)")
    assert passed(both, b"a", b"abcd", b"0123456789") == [b"a", b"0123456789"]
    (tmp_path / "sf1.lock").unlink()
    assert passed(build('short = "1"', "short::short(value)"), b"a", b"abcd") == [b"a", b"abcd"]


def test_another_file_of_that_name_is_kept(build: Build, tmp_path: Path) -> None:
    (tmp_path / "sf1.lock").write_text("1234\n")
    result = build('short = "1"', "true")
    assert result.error is not None
    assert result.error.message == f"{tmp_path}/sf1.lock is no lock file of cargo's"
    assert (tmp_path / "sf1.lock").read_text() == "1234\n"


def test_a_lock_file_of_a_newer_cargo_is_kept(build: Build, tmp_path: Path) -> None:
    lock = tmp_path / "sf1.lock"
    lock.write_text('version = 99\n\n[[package]]\nname = "libraries"\nversion = "0.0.0"\n')
    error = build('short = "1"', "true").error
    assert error is not None
    assert error.message.startswith(f"{lock} is of a newer cargo than that of Rust ")
    assert "rustup" in error.remedy
    assert "version = 99" in lock.read_text()
    lock.unlink()
    assert build('short = "1"', "true").ready


def test_names_editions_and_places(build: Build, tmp_path: Path, toolchain: Toolchain) -> None:
    renamed = 'other-name = { package = "short", version = "1" }'
    assert passed(build(renamed, "other_name::short(value)"), b"a", b"abcd") == [b"a"]
    for edition in ("2018", "2021", *(["2024"] if toolchain.release >= (1, 85) else [])):
        crates = f'short = "1"\n[package]\nedition = "{edition}"'
        assert passed(build(crates, "short::short(value)"), b"a", b"abcd") == [b"a"], edition
    wrong = build('short = "1"', "short::short(3)")
    (error,) = [found for found in wrong.diagnostics if found.is_error]
    assert str(error.location) == f"{tmp_path}/sf1.rs:6:43"


@pytest.mark.parametrize(
    ("crates", "message"),
    [
        ('short = "1"\nnot-there = "1"', "no matching package named `not-there` found"),
        ('x = { package = "short", version = "1" }\nshort = "9"', "failed to select a version for"),
        ('short = { version = "1", features = ["fast"] }', "failed to select a version for `short`"),
        ('short = "one"', "failed to parse the version requirement `one` for dependency `short`"),
    ],
)
def test_crates_that_are_not_there(build: Build, tmp_path: Path, crates: str, message: str) -> None:
    result = build(crates, "true")
    assert result.error is None
    (error,) = result.diagnostics
    assert message in error.message
    assert str(error.location) == f"{tmp_path}/sf1.rs:{3 + crates.count(chr(10))}:1"


def test_a_crate_that_does_not_compile(build: Build, registry: LocalRegistry, tmp_path: Path) -> None:
    registry.add("broken", "pub fn f() -> u8 { () }\n")
    (error,) = build('short = "1"\nbroken = "1"', "true").diagnostics
    assert error.message.startswith("could not compile `broken`")
    assert "mismatched types" in error.rendered
    assert str(error.location) == f"{tmp_path}/sf1.rs:4:1"


def test_a_crate_that_needs_a_newer_rustc(
    build: Build, registry: LocalRegistry, toolchain: Toolchain
) -> None:
    registry.add(
        "short", SHORT + "const LONGEST: usize = 5;\n", version="1.9.0", manifest='rust-version = "1.999"'
    )
    if toolchain.release >= (1, 84):
        assert passed(build('short = "1"', "short::short(value)"), b"a", b"abcd") == [b"a"]
    # The lock file is no reason not to take an older one again.
    (error,) = build('short = "=1.9.0"', "true").diagnostics
    assert re.search(
        r"short.* requires rustc 1\.999.* \(install a newer Rust .* or name an older", error.message
    )
    assert "cargo update" not in error.rendered
    assert passed(build('short = "=1.0.0"', "short::short(value)"), b"a", b"abcd") == [b"a"]


def test_a_crate_of_an_edition_to_come(build: Build, registry: LocalRegistry) -> None:
    registry.add("later", "")
    (registry.folder / "later-1.0.0" / "Cargo.toml").write_text(
        '[package]\nname = "later"\nversion = "1.0.0"\nedition = "2048"\n'
    )
    result = build('later = "1"', "true")
    assert result.error is None, "the registry was reached"
    message = result.diagnostics[0].message
    assert message.startswith("later-1.0.0: this version of Cargo is older than the `2048` edition")
    assert "(install a newer Rust with rustup, https://rustup.rs, or name an older version" in message


BUILD_SCRIPT = 'fn main() { println!("cargo:rustc-env=MADE=by a script"); }\n'
MACRO = "use proc_macro::TokenStream;\n#[proc_macro]\npub fn three(_: TokenStream) -> TokenStream {\n"


def test_build_scripts_and_macros_run_when_allowed(build: Build, registry: LocalRegistry) -> None:
    registry.add("scripted", 'pub const MADE: &str = env!("MADE");\n', build=BUILD_SCRIPT)
    registry.add("three-macros", MACRO + '"3".parse().unwrap() }\n', manifest="[lib]\nproc-macro = true\n")
    crates = 'scripted = "1"\nthree-macros = "1"'
    test = 'scripted::MADE == "by a script" && value.len() == three_macros::three!()'
    refused = build(crates, test)
    assert isinstance(refused.error, BuildScriptsError)
    assert refused.error.crates == ("scripted 1.0.0 (build script)", "three-macros 1.0.0 (macro)")
    allowed = replace(Limits(), build_scripts=True)
    assert passed(build(crates, test, allowed), b"abc", b"abcd") == [b"abc"]


def test_a_permission_is_for_these_versions(build: Build, registry: LocalRegistry, tmp_path: Path) -> None:
    registry.add("scripted", 'pub const MADE: &str = env!("MADE");\n', build=BUILD_SCRIPT)
    refused = build('scripted = "1"\nshort = "1"', "true").error
    assert isinstance(refused, BuildScriptsError)
    refused.allow()
    assert build('scripted = "1"\nshort = "1"', "true").ready
    # Crates that run nothing do not matter.
    assert build('scripted = "1"', "true", name="sf2.rs").ready
    registry.add("scripted", 'pub const MADE: &str = env!("MADE");\n', build=BUILD_SCRIPT, version="1.1.0")
    again = build('scripted = "1"', "true", name="sf3.rs").error
    assert isinstance(again, BuildScriptsError)
    assert again.crates == ("scripted 1.1.0 (build script)",)


def test_an_endless_build_script_is_ended(build: Build, registry: LocalRegistry) -> None:
    registry.add("endless", "", build="fn main() { loop {} }\n")
    limits = replace(Limits(), build_scripts=True, crates_seconds=1)
    result = build('endless = "1"', "true", limits)
    assert result.error is not None
    assert result.error.message == "the build takes more than 1 s of CPU time"
    assert "limits.crates-time" in result.error.remedy


def test_compiling_crates_is_cancelled(
    registry: LocalRegistry, tmp_path: Path, build_cache: Path, environ: dict[str, str]
) -> None:
    registry.add("endless", "", build="fn main() { loop {} }\n", version="2.0.0")
    path = tmp_path / "sf1.rs"
    path.write_text(USES.format(crates='endless = "2"', test="true"))
    said: list[str] = []
    job = Job(said.append)
    source = InlineSource(
        path, cache=build_cache, environ=environ, limits=replace(Limits(), build_scripts=True)
    )

    def running() -> bool:
        return any(
            "build-script-build" in found.command
            for found in processes()
            if str(build_cache) in found.command
        )

    with ThreadPoolExecutor() as threads:
        build = threads.submit(source.build, job)
        try:
            wait_until(lambda: running() and "compiling crates: endless 2.0.0" in said)
        finally:
            job.cancel()
        with pytest.raises(SupersededError):
            build.result()
    assert not running()


NOWHERE = """
source.crates-io.replace-with = "far"
source.far.registry = "sparse+http://127.0.0.1:9/"
net.retry = 0
"""
"""Nothing listens on port 9."""


def test_a_registry_out_of_reach(
    build: Build, registry: LocalRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (registry.home / "config.toml").write_text(NOWHERE)
    result = build('unreachable-crate = "1"', "true")
    assert result.error is not None
    assert result.error.message.startswith("far, which replaces crates.io, cannot be reached: ")
    assert any(way in result.error.remedy for way in ("~/.cargo/config.toml", "connect to GitHub"))
    assert not (tmp_path / "sf1.lock").exists()


def test_an_older_cargo_reads_registries_with_git(
    registry: LocalRegistry, tmp_path: Path, environ: dict[str, str], toolchain: Toolchain
) -> None:
    (registry.home / "config.toml").write_text(NOWHERE)
    for version, remedy in (("1.63.0", "install Rust 1.70 or newer"), ("1.70.0", "connect to the network")):
        compiler = Compiler(toolchain=replace(toolchain, version=version), limits=Limits(), environ=environ)
        wanted = Wanted(what="crates", dependencies='unreachable-crate = "1"\n', home=tmp_path / "home")
        with pytest.raises(BuildError) as caught:
            Fetcher(compiler, wanted).fetch(Job(), tmp_path, lambda _: None)
        assert caught.value.remedy.startswith(remedy)


def test_a_broken_configuration(build: Build, registry: LocalRegistry) -> None:
    (registry.home / "config.toml").write_text("[source\n")
    result = build('short = "1"', "true")
    assert result.error is not None
    assert result.error.message.startswith(f"{registry.home}/config.toml cannot be read: ")


GENERIC = """
pub fn longest<T: AsRef<[u8]>>(values: &[T]) -> usize {
    values.iter().map(|value| value.as_ref().len()).max().unwrap_or(0)
}
"""


@pytest.fixture
def build_generic(build: Build, registry: LocalRegistry) -> Callable[[int], BuildResult]:
    """Build a file that passes values shorter than so many bytes, with a crate's generic code."""
    registry.add("generic", GENERIC)
    return lambda least, name="sf1.rs": build(
        'generic = "1"', f"generic::longest(&[value]) < {least}", name=name
    )


def kept(cache: Path) -> list[Path]:
    """What is kept of builds of files with crates."""
    return sorted(cache.glob("build/*/saves/*"))


def test_saves_are_built_on_what_is_kept(
    build_generic: Callable[..., BuildResult], build_cache: Path
) -> None:
    before = kept(build_cache)
    for least in (2, 3, 2):
        assert passed(build_generic(least), b"a", b"ab", b"abc") == [b"a", b"ab"][: least - 1]
    (home,) = set(kept(build_cache)) - set(before)
    assert (home / "state").is_dir()
    assert not (home / "crate").exists()


def test_what_is_kept_may_be_damaged(build_generic: Callable[..., BuildResult], build_cache: Path) -> None:
    before = kept(build_cache)
    assert build_generic(2).ready
    (home,) = set(kept(build_cache)) - set(before)
    for damage in (b"", b"damaged" * 100):
        for path in (home / "state").rglob("*"):
            if path.is_file():
                path.write_bytes(damage)
        build_generic(3)
        assert passed(build_generic(3), b"ab", b"abcd") == [b"ab"]


def test_a_file_that_another_program_builds_is_built_without(
    build_generic: Callable[..., BuildResult], build_cache: Path
) -> None:
    before = kept(build_cache)
    assert build_generic(2).ready
    (home,) = set(kept(build_cache)) - set(before)
    with FileLock(home / LOCK):
        assert passed(build_generic(3), b"ab", b"abcd") == [b"ab"]


def test_little_is_kept(build_generic: Callable[..., BuildResult], build_cache: Path) -> None:
    assert build_generic(2).ready
    (saves,) = {path.parent for path in kept(build_cache)}
    for number in range(2 * KEPT_FILES):
        (saves / f"other{number}").mkdir()
    assert build_generic(2, "sf2.rs").ready
    assert len(list(saves.iterdir())) == KEPT_FILES
