"""An endless build holds up no other, and ends with its program."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import pytest

from engine.builds.build import Build, BuildRequest, BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.rust.build_cache import builds_folder
from engine.builds.turns import AT_ONCE, take_turn
from engine.process.job import Job
from engine.runtime.limits import Limits
from tests.engine.builds.build_once import build_once
from tests.processes import processes
from tests.waiting import wait_for, wait_until

pytestmark = pytest.mark.cargo

ROOT = Path(__file__).parents[3]
ENDLESS = """#[smartstream(filter)]
fn endless(value: &[u8]) -> bool { value == include_bytes!("pipe") }
"""
"""Nothing writes to the pipe."""
LONGER = "#[smartstream(filter)]\nfn longer(value: &[u8]) -> bool { value.len() > 2 }\n"
PROGRAM = """
import sys
from pathlib import Path
from engine.builds.from_file import InlineSource
from engine.process.job import Job
InlineSource(Path(sys.argv[1]), cache=Path(sys.argv[2])).build(Job())
"""


@pytest.fixture
def endless(tmp_path: Path, build_cache: Path) -> Path:
    """A file whose build never ends; the SDK is compiled."""
    (tmp_path / "first.rs").write_text(LONGER)
    assert build_once(tmp_path / "first.rs", cache=build_cache).ready
    os.mkfifo(tmp_path / "pipe")
    path = tmp_path / "endless.rs"
    path.write_text(ENDLESS)
    return path


@contextmanager
def program(path: Path, cache: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """Another program that builds a file."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen([sys.executable, "-c", PROGRAM, path, cache], env=environment) as running:
        try:
            yield running
        finally:
            running.kill()


def building(cache: Path, name: str) -> list[int]:
    """The processes that run a compiler of that name in a build cache."""
    running = processes()
    return [found.number for found in running if f"/{name} " in found.command and str(cache) in found.command]


def opened_to_write(pipe: Path) -> int | None:
    """The pipe's other end once someone reads it, who waits for more while that is open."""
    with suppress(OSError):
        return os.open(pipe, os.O_WRONLY | os.O_NONBLOCK)
    return None


def nothing_runs(cache: Path) -> bool:
    return not any(str(cache) in found.command for found in processes())


def test_endless_build_holds_up_no_other_of_the_same_program(
    endless: Path, tmp_path: Path, build_cache: Path
) -> None:
    begun: list[Build] = []
    loop = BuildLoop(InlineSource(endless, cache=build_cache), begun.append)
    loop.start()
    try:
        wait_until(lambda: building(build_cache, "rustc"))
        (tmp_path / "other.rs").write_text(LONGER)
        assert build_once(tmp_path / "other.rs", cache=build_cache).ready
        assert building(build_cache, "rustc")
    finally:
        loop.close()
    assert nothing_runs(build_cache)


def test_endless_build_holds_up_no_other_program(endless: Path, tmp_path: Path, build_cache: Path) -> None:
    with program(endless, build_cache):
        wait_until(lambda: building(build_cache, "rustc"))
        (tmp_path / "other.rs").write_text(LONGER)
        assert build_once(tmp_path / "other.rs", cache=build_cache).ready
        endless.write_text(LONGER)
        assert build_once(endless, cache=build_cache).ready, "the same file, as this program sees it"
        assert building(build_cache, "rustc")
    wait_until(lambda: nothing_runs(build_cache))


def test_a_build_waits_for_its_turn_and_says_so(tmp_path: Path, build_cache: Path) -> None:
    path = tmp_path / "first.rs"
    path.write_text(LONGER)
    assert build_once(path, cache=build_cache).ready, "the SDK is compiled"
    said: list[Build] = []
    loop = BuildLoop(InlineSource(path, cache=build_cache), said.append)
    with ExitStack() as turns:
        for _ in range(AT_ONCE):
            turns.callback(take_turn(builds_folder(build_cache), Job()).close)
        loop.start()
        try:
            wait_until(lambda: len(said) > 1)
        except BaseException:
            loop.close()
            raise
    wait_until(lambda: isinstance(said[-1], BuildResult))
    loop.close()
    doing = [build.doing for build in said if isinstance(build, BuildRequest)]
    assert doing == ["", f"waiting for {AT_ONCE} other builds", ""]


def test_save_ends_an_endless_build(endless: Path, build_cache: Path) -> None:
    said: list[Build] = []
    patient = Limits(build_seconds=3_600)
    loop = BuildLoop(InlineSource(endless, cache=build_cache, limits=patient), said.append)
    loop.start()
    try:
        # Earlier, rustc might read what is saved.
        writer = wait_for(lambda: opened_to_write(endless.with_name("pipe")), lambda found: found is not None)
        endless.write_text(LONGER)
        wait_until(lambda: any(isinstance(build, BuildResult) and build.ready for build in said))
    finally:
        loop.close()
    assert writer is not None
    os.close(writer)
    assert nothing_runs(build_cache)


def test_build_ends_with_a_killed_program(endless: Path, build_cache: Path) -> None:
    with program(endless, build_cache) as running:
        wait_until(lambda: building(build_cache, "rustc"))
        running.kill()
        running.wait()
        endless.write_text(LONGER)
        assert build_once(endless, cache=build_cache).ready, "at once"
        wait_until(lambda: nothing_runs(build_cache))
    left = list(build_cache.rglob("building-*"))
    assert not left, "the next build removes what a killed one left"


def test_compiling_the_sdk_ends_with_a_killed_program(endless: Path, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with program(endless, cache) as running:
        wait_until(lambda: building(cache, "rustc"))
        running.kill()
        running.wait()
        wait_until(lambda: nothing_runs(cache))
    unused = cache / "build" / "1.2.3-unused"
    unused.mkdir()
    os.utime(unused, (1_000_000_000, 1_000_000_000))
    endless.write_text(LONGER)
    assert build_once(endless, cache=cache).ready
    assert not unused.exists(), "what no build has used for long goes when libraries are added"


def test_builds_leave_nothing_of_a_file_behind(tmp_path: Path, build_cache: Path) -> None:
    (tmp_path / "first.rs").write_text(LONGER)
    build_once(tmp_path / "first.rs", cache=build_cache)
    before = set(build_cache.rglob("*"))
    (tmp_path / "second.rs").write_text("//! Says so.\n" + LONGER)
    assert build_once(tmp_path / "second.rs", cache=build_cache).ready
    assert set(build_cache.rglob("*")) == before


def test_build_says_that_it_waits_for_the_sdk(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    for name in ("one.rs", "two.rs"):
        (tmp_path / name).write_text(LONGER)
    said: list[Build] = []
    loop = BuildLoop(InlineSource(tmp_path / "two.rs", cache=cache), said.append)
    with program(tmp_path / "one.rs", cache) as other:
        wait_until(lambda: building(cache, "cargo"))
        cargo = building(cache, "cargo")
        for number in cargo:
            os.kill(number, signal.SIGSTOP)
        loop.start()
        wait_until(lambda: len(said) == 2)
        for number in cargo:
            os.kill(number, signal.SIGCONT)
        assert other.wait() == 0
    wait_until(lambda: isinstance(said[-1], BuildResult))
    loop.close()
    # Between them it may look whether the SDK is whole, as after a program that was killed.
    first, second, *_, last = (build.doing for build in said if isinstance(build, BuildRequest))
    assert (first, second, last) == ("", "waiting for the SDK, which another build compiles", "")
