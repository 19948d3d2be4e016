"""Building a file: odd names, other people's settings, and all that may be missing."""

import os
import sys
import threading
import time
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from engine.builds.rust.build_cache import builds_folder
from engine.builds.rust.paths import examples_folder, sdk_folder
from engine.builds.rust.pruning import COMPILED, holdings
from engine.builds.rust.toolchain import Toolchain
from engine.errors import BuildError, ToolchainError
from engine.records.verdicts import Verdict
from engine.resources import cache_folder
from engine.runtime.limits import Limits
from tests.engine.builds.build_once import build_once
from tests.engine.conftest import BuildFilter, evaluate_values

pytestmark = pytest.mark.cargo

LONGER = "#[smartstream(filter)]\nfn longer(value: &[u8]) -> bool { value.len() > %d }\n"


@pytest.mark.parametrize(
    "name",
    [
        "with spaces.rs",
        'quote".rs',
        "it's.rs",
        "back\\slash\\n.rs",
        "ünï-码-🦀.rs",
        "no extension",
        "a=b.rs",
        "$HOME #1 {x}.rs",
        "-flag.rs",
        "new\nline.rs",
    ],
)
def test_any_file_name_builds(build_filter: BuildFilter, name: str) -> None:
    build = build_filter(LONGER % 2, name)
    assert build.wasm is not None, build
    assert list(evaluate_values(build.wasm, [b"abc", b"ab"]).verdicts) == [Verdict.PASS, Verdict.DROP]


def test_panic_names_file_with_odd_name(build_cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "a: folder's" / "ü\\x.rs"
    path.parent.mkdir()
    path.write_text('#[smartstream(filter)]\nfn f(_: &[u8]) -> bool { panic!("no") }\n')
    build = build_once(path, cache=build_cache)
    assert build.wasm is not None
    fault = evaluate_values(build.wasm, [b""]).faults[0]
    assert str(fault.location) == f"{path}:2:26"


def test_name_that_is_not_utf8_is_refused(build_cache: Path, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.rs"))
    path.write_text(LONGER % 2)
    build = build_once(path, cache=build_cache)
    assert not build.ready
    assert isinstance(build.error, BuildError)
    assert "not UTF-8" in build.error.message


def test_inner_attributes_in_file_with_equals_sign(build_filter: BuildFilter, tmp_path: Path) -> None:
    build = build_filter("#![allow(dead_code)]\n" + LONGER % 2, "a=b.rs")
    assert build.ready, build
    build = build_filter("#![allow(dead_code)]\nfn f() -> u8 { true }", "a=b.rs")
    assert str(build.diagnostics[0].location) == f"{tmp_path}/a=b.rs:2:16"
    assert f"{tmp_path}/a=b.rs:2:16" in build.diagnostics[0].rendered


def test_relative_path_and_link(build_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("real").mkdir()
    Path("real/sf1.rs").write_text(LONGER % 2)
    Path("link.rs").symlink_to("real/sf1.rs")
    for name in ("real/sf1.rs", "link.rs"):
        build = build_once(Path(name), cache=build_cache)
        assert build.ready
        assert build.path == tmp_path / name


def test_restored_older_file_is_built(build_filter: BuildFilter, build_cache: Path, tmp_path: Path) -> None:
    first = build_filter(LONGER % 2)
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 5)
    os.utime(path, (1_000_000_000, 1_000_000_000))
    build = build_once(path, cache=build_cache)
    assert build.wasm is not None
    assert build.wasm != first.wasm
    assert list(evaluate_values(build.wasm, [b"abcdef", b"abc"]).verdicts) == [Verdict.PASS, Verdict.DROP]


def test_clock_set_back_does_not_keep_old_module(
    build_filter: BuildFilter, build_cache: Path, tmp_path: Path
) -> None:
    build_filter(LONGER % 2)
    # All that the first build wrote is from the future now, as after a clock was put right.
    later = time.time() + 3600
    for path in build_cache.rglob("*"):
        if path.is_file():
            os.utime(path, (later, later))
    build = build_filter(LONGER % 5)
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [b"abcdef", b"abc"]).verdicts) == [Verdict.PASS, Verdict.DROP]


def test_libraries_that_a_build_uses_are_no_old_ones(build_filter: BuildFilter, build_cache: Path) -> None:
    """Else those of the SDK would be removed after a month of daily use."""
    build_filter(LONGER % 2)
    builds = builds_folder(build_cache)
    for holding in holdings(builds):
        os.utime(holding.folder / COMPILED, (1_000_000_000, 1_000_000_000))
    try:
        build_filter(LONGER % 5)
        assert holdings(builds)[0].used > time.time() - 3600
    finally:
        for holding in holdings(builds):
            os.utime(holding.folder / COMPILED)


def test_settings_for_other_rust_projects_change_nothing(
    build_cache: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    (tmp_path / ".cargo").mkdir()
    (tmp_path / ".cargo" / "config.toml").write_text(
        '[build]\nrustc-wrapper = "/nowhere/sccache"\nrustflags = ["--no-such-flag"]\n'
        '[profile.release]\npanic = "unwind"\n'
    )
    (tmp_path / "rust-toolchain.toml").write_text('[toolchain]\nchannel = "1.2.3"\n')
    (tmp_path / "Cargo.toml").write_text("[workspace]\nmembers = []\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CARGO_HOME", str(tmp_path / ".cargo"))
    monkeypatch.setenv("RUSTFLAGS", "--no-such-flag")
    monkeypatch.setenv("RUSTC_WRAPPER", "/nowhere/sccache")
    monkeypatch.setenv("CARGO_BUILD_TARGET", "x86_64-unknown-none")
    monkeypatch.setenv("CARGO_PROFILE_RELEASE_PANIC", "unwind")
    monkeypatch.setenv("RUSTUP_TOOLCHAIN", "1.2.3")
    build = build_once(path, cache=build_cache)
    assert build.ready, build


ENDLESS = """
macro_rules! tuples {
    ([] $($number:tt)*) => { () };
    ([$one:tt $($more:tt)*] $($number:tt)*) => {
        (tuples!([$($more)*] $($number)* 1), tuples!([$($more)*] $($number)* 2))
    };
}
#[smartstream(filter)]
fn f(_: &[u8]) -> bool {
    let _ = tuples!([a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a]);
    true
}
"""
"""Rust that expands to a thousand million tuples."""


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(build_seconds=1), "the build takes more than 1 s of CPU time"),
        (Limits(build_bytes=300 << 20), "the build takes more than 300 MiB of memory"),
    ],
)
def test_endless_expansion_is_cancelled(build_cache: Path, tmp_path: Path, limits: Limits, said: str) -> None:
    if limits.build_bytes < Limits().build_bytes and sys.platform == "darwin":
        pytest.skip("macOS keeps no process to an amount of memory")
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    assert build_once(path, cache=build_cache).ready
    path.write_text(ENDLESS)
    build = build_once(path, cache=build_cache, limits=limits)
    assert not build.ready
    assert build.error is not None
    assert build.error.message == said
    assert "macro" in build.error.remedy


def test_two_builds_of_one_file_at_once(build_cache: Path, tmp_path: Path) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    builds: list[BuildResult] = []
    threads = [
        threading.Thread(target=lambda: builds.append(build_once(path, cache=build_cache))) for _ in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [build for build in builds if not build.ready] == []
    assert len(builds) == 3
    assert len({build.wasm for build in builds}) == 1


def test_missing_file_fails(build_cache: Path, tmp_path: Path) -> None:
    build = build_once(tmp_path / "sf1.rs", cache=build_cache)
    assert not build.ready
    assert build.error is not None
    assert build.error.message == f"{tmp_path}/sf1.rs does not exist"
    assert build.diagnostics == ()


def test_without_a_toolchain_the_build_says_so(tmp_path: Path) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    environ = {"FLUVIO_TUI_CARGO": str(tmp_path / "cargo"), "PATH": "/usr/bin", "HOME": str(tmp_path)}
    build = build_once(path, cache=tmp_path / "cache", environ=environ)
    assert not build.ready
    assert isinstance(build.error, ToolchainError)
    assert build.error.code == "toolchain"


def test_unwritable_cache_fails(tmp_path: Path) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    (tmp_path / "cache").write_text("in the way")
    build = build_once(path, cache=tmp_path / "cache")
    assert not build.ready
    assert build.error is not None
    assert str(tmp_path / "cache") in build.error.message
    assert "FLUVIO_TUI_CACHE" in build.error.remedy


def test_failure_of_cargo_itself_is_reported(tmp_path: Path, toolchain: Toolchain) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(LONGER % 2)
    bin_ = tmp_path / "bin"
    bin_.mkdir()
    (bin_ / "cargo").write_text("#!/bin/sh\necho 'error: the moon is full' >&2\nexit 101\n")
    (bin_ / "cargo").chmod(0o755)
    (bin_ / "rustc").symlink_to(toolchain.rustc)
    build = build_once(
        path, cache=tmp_path / "cache", environ={**os.environ, "FLUVIO_TUI_CARGO": str(bin_ / "cargo")}
    )
    assert build.error is not None
    assert "the moon is full" in build.error.message


def test_paths(tmp_path: Path) -> None:
    assert (sdk_folder() / "guest" / "Cargo.toml").is_file()
    assert {"errors_only.rs", "has_number.rs", "large_orders.rs"} < {
        path.name for path in examples_folder().iterdir()
    }
    assert cache_folder({"FLUVIO_TUI_CACHE": str(tmp_path)}) == tmp_path
    assert cache_folder({}).name == "fluvio-tui"
