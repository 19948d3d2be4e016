"""Hot reload: every way of saving, superseding, and leaving nothing behind."""

import os
import queue
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from engine import folder_watcher
from engine.builds.build import Build, BuildRequest, BuildResult
from engine.builds.build_loop import BuildLoop
from engine.builds.from_file import InlineSource
from engine.builds.rust.builder import RustBuilder
from engine.builds.source import Compiled
from engine.process.job import Job
from engine.records.verdicts import Verdict
from tests.engine.conftest import evaluate_values
from tests.processes import processes
from tests.waiting import wait_until

pytestmark = pytest.mark.cargo

PATIENCE = 60.0
"""Seconds after which a test gives up hope."""


def longer_than(length: int) -> str:
    return f"#[smartstream(filter)]\nfn longer(value: &[u8]) -> bool {{ value.len() > {length} }}\n"


BROKEN = longer_than(2).replace("value.len", "value.lenn")


def slow_source() -> str:
    """A filter that takes rustc many seconds."""
    functions = "\n".join(
        f'fn f{n}(v: &[u8]) -> String {{ format!("{{:?}} {n} {{}}", v, v.len() + {n}) }}' for n in range(4000)
    )
    table = ", ".join(f"f{n}" for n in range(4000))
    return f"""{functions}
    static TABLE: [fn(&[u8]) -> String; 4000] = [{table}];
    #[smartstream(filter)] fn slow(value: &[u8]) -> bool {{ TABLE[value.len()](value).len() > 3 }}
    """


class Watched:
    """A source, and the builds that were delivered."""

    def __init__(self, path: Path, cache: Path) -> None:
        self.path = path
        self.cache = cache
        self.builds: list[Build] = []
        self._queue: queue.Queue[Build] = queue.Queue()
        self.loop = BuildLoop(InlineSource(path, cache=cache), self._queue.put)
        self.loop.start()

    def next(self) -> Build:
        build = self._queue.get(timeout=PATIENCE)
        self.builds.append(build)
        return build

    def ended(self) -> BuildResult:
        """The next build that ended."""
        while not isinstance(build := self.next(), BuildResult):
            pass
        return build

    def finished(self) -> BuildResult:
        build = self.ended()
        assert build.ready, build
        return build

    def failed(self) -> BuildResult:
        build = self.ended()
        assert not build.ready, build
        return build

    def settled(self, length: int) -> BuildResult:
        """The build of `longer_than(length)`, the last of however many there are before it."""
        while not (build := self.ended()).ready or shortest(build) != length:
            pass
        return build

    def is_quiet(self, seconds: float = 0.5) -> bool:
        try:
            self.builds.append(self._queue.get(timeout=seconds))
        except queue.Empty:
            return True
        return False

    def processes(self) -> list[str]:
        """The command lines of all that is building in this cache."""
        return [process.command for process in processes() if str(self.cache) in process.command]


def shortest(build: BuildResult) -> int:
    """How long a value must be at least to pass, less one."""
    assert build.wasm is not None
    verdicts = list(evaluate_values(build.wasm, [b"x" * length for length in range(30)]).verdicts)
    return verdicts.index(Verdict.PASS) - 1


@pytest.fixture
def watched(tmp_path: Path, build_cache: Path) -> Iterator[Watched]:
    path = tmp_path / "sf1.rs"
    path.write_text(longer_than(0))
    watched = Watched(path, build_cache)
    try:
        yield watched
    finally:
        watched.loop.close()
    assert watched.processes() == []


def in_place(path: Path, text: str) -> None:
    path.write_text(text)


def atomically(path: Path, text: str) -> None:
    """In one step: what another way leaves in between may be built, too."""
    new = path.with_name(".sf1.rs.new")
    new.write_text(text)
    new.replace(path)


def with_backup(path: Path, text: str) -> None:
    path.rename(path.with_name("sf1.rs~"))
    path.write_text(text)


def slowly_with_backup(path: Path, text: str) -> None:
    path.rename(path.with_name("sf1.rs~"))
    time.sleep(0.1)
    path.write_text(text)


def restored(path: Path, text: str) -> None:
    older = path.with_name("older.rs")
    older.write_text(text)
    os.utime(older, (1_000_000_000, 1_000_000_000))
    shutil.copy2(older, path)


def moved_back(path: Path, text: str) -> None:
    older = path.with_name("older.rs")
    older.write_text(text)
    os.utime(older, (1_000_000_000, 1_000_000_000))
    older.replace(path)


def deleted_first(path: Path, text: str) -> None:
    path.unlink()
    path.write_text(text)


WAYS = [in_place, atomically, with_backup, slowly_with_backup, restored, moved_back, deleted_first]


def test_every_way_of_saving_triggers_a_build(watched: Watched) -> None:
    assert watched.next().trigger == "first build"
    first = watched.finished()
    assert (first.version, first.trigger, first.saved) == (1, "first build", None)
    for length, save in enumerate(WAYS, 1):
        before = time.time()
        save(watched.path, longer_than(length))
        build = watched.settled(length)
        assert build.trigger == "sf1.rs saved", save
        assert build.saved is not None
        assert before - 1 < build.saved < time.time()
    versions = [build.version for build in watched.builds]
    assert versions == sorted(versions)


def test_saving_unchanged_content_builds_nothing(watched: Watched) -> None:
    watched.finished()
    watched.path.write_text(longer_than(0))
    watched.path.touch()
    (watched.path.parent / "other.rs").write_text("nothing to do with it")
    assert watched.is_quiet()
    watched.loop.rebuild()
    build = watched.finished()
    assert (build.version, build.trigger) == (2, "asked for")


def test_broken_save_fails_and_next_good_one_builds(watched: Watched) -> None:
    watched.finished()
    atomically(watched.path, BROKEN)
    failed = watched.failed()
    assert failed.wasm is None
    assert failed.error is None
    assert "lenn" in failed.diagnostics[0].message
    atomically(watched.path, longer_than(3))
    watched.settled(3)


def test_deleting_fails_the_build_and_restoring_builds_again(watched: Watched) -> None:
    watched.finished()
    watched.path.unlink()
    build = watched.failed()
    assert build.trigger == "sf1.rs gone"
    assert build.saved is None
    assert build.error is not None
    assert "does not exist" in build.error.message
    atomically(watched.path, longer_than(0))
    assert watched.finished().trigger == "sf1.rs saved"


def test_folder_is_watched_after_it_was_replaced(tmp_path: Path, build_cache: Path) -> None:
    folder = tmp_path / "filters"
    folder.mkdir()
    (folder / "sf1.rs").write_text(longer_than(1))
    watched = Watched(folder / "sf1.rs", build_cache)
    try:
        watched.finished()
        folder.rename(tmp_path / "away")
        assert watched.failed().trigger == "sf1.rs gone"
        folder.mkdir()
        atomically(folder / "sf1.rs", longer_than(4))
        watched.settled(4)
        atomically(folder / "sf1.rs", longer_than(5))
        watched.settled(5)
    finally:
        watched.loop.close()


def test_file_created_later_is_built(tmp_path: Path, build_cache: Path) -> None:
    watched = Watched(tmp_path / "not yet" / "sf1.rs", build_cache)
    try:
        assert watched.failed().error is not None
        watched.path.parent.mkdir()
        atomically(watched.path, longer_than(2))
        watched.settled(2)
    finally:
        watched.loop.close()


def test_target_of_link_is_watched(tmp_path: Path, build_cache: Path) -> None:
    (tmp_path / "real").mkdir()
    real = tmp_path / "real" / "sf1.rs"
    real.write_text(longer_than(1))
    link = tmp_path / "sf1.rs"
    link.symlink_to(real)
    watched = Watched(link, build_cache)
    try:
        watched.finished()
        atomically(real, longer_than(2))
        watched.settled(2)
        (tmp_path / "other.rs").write_text(longer_than(3))
        (tmp_path / "new").symlink_to(tmp_path / "other.rs")
        (tmp_path / "new").replace(link)
        watched.settled(3)
    finally:
        watched.loop.close()


def test_saves_are_noticed_without_file_watches(
    tmp_path: Path, build_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*folders: Path, **options: object) -> Iterator[None]:
        raise RuntimeError("Too many open files")

    monkeypatch.setattr(folder_watcher, "watch", refuse)
    (tmp_path / "sf1.rs").write_text(longer_than(1))
    watched = Watched(tmp_path / "sf1.rs", build_cache)
    try:
        watched.finished()
        for length, save in enumerate((in_place, atomically, restored), 2):
            save(watched.path, longer_than(length))
            watched.settled(length)
    finally:
        watched.loop.close()


def refusal(build: BuildResult) -> str:
    assert build.error is not None
    return build.error.message


def test_pipe_is_refused_and_file_in_its_place_is_built(tmp_path: Path, build_cache: Path) -> None:
    path = tmp_path / "sf1.rs"
    os.mkfifo(path)
    watched = Watched(path, build_cache)
    try:
        assert "is not a file that can be built" in refusal(watched.failed())
        assert watched.is_quiet()
        atomically(path, longer_than(1))
        watched.settled(1)
    finally:
        watched.loop.close()


@pytest.mark.parametrize("endless", ["pipe", "/dev/zero"])
def test_link_to_endless_file_is_refused(watched: Watched, tmp_path: Path, endless: str) -> None:
    watched.finished()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "new").symlink_to(tmp_path / endless)
    (tmp_path / "new").replace(watched.path)
    assert "is not a file that can be built" in refusal(watched.failed())
    atomically(watched.path, longer_than(2))
    watched.settled(2)


def test_too_large_file_is_not_read(watched: Watched) -> None:
    watched.finished()
    with watched.path.open("wb") as file:
        file.truncate(1 << 40)
    assert "is too large for a filter" in refusal(watched.failed())
    atomically(watched.path, longer_than(3))
    watched.settled(3)


def test_included_files_are_watched(watched: Watched) -> None:
    folder = watched.path.parent
    source = """
    mod words;
    #[smartstream(filter)] fn f(value: &[u8]) -> bool { value.len() > words::limit() }
    """
    watched.finished()
    atomically(watched.path, source)
    assert "words" in watched.failed().diagnostics[0].message
    words = folder / "words.rs"
    atomically(words, "pub fn limit() -> usize {")
    assert watched.failed().trigger == "words.rs saved"
    atomically(words, 'pub fn limit() -> usize { "two" }')
    failed = watched.failed()
    assert failed.diagnostics[0].location is not None
    assert failed.diagnostics[0].location.path == str(words)
    atomically(words, 'pub fn limit() -> usize { include_str!("data/limit.txt").parse().unwrap() }')
    watched.failed()
    (folder / "data").mkdir()
    atomically(folder / "data" / "limit.txt", "3")
    atomically(watched.path, source + "// again")
    watched.settled(3)
    atomically(folder / "data" / "limit.txt", "4")
    assert watched.settled(4).trigger == "limit.txt saved"
    atomically(words, "pub fn limit() -> usize { 5 }")
    assert watched.settled(5).trigger == "words.rs saved"


def test_ten_saves_in_one_second_end_with_the_last(watched: Watched) -> None:
    watched.finished()
    for length in range(1, 11):
        watched.path.write_text(longer_than(length))
        time.sleep(0.09)
    build = watched.settled(10)
    assert watched.is_quiet()
    done = [build.version for build in watched.builds if isinstance(build, BuildResult)]
    newest = 0
    for told in watched.builds:
        assert told.version >= newest
        newest = told.version
    assert done[-1] == build.version == newest
    assert watched.processes() == []


def test_newer_save_cancels_running_build(watched: Watched) -> None:
    watched.finished()
    atomically(watched.path, slow_source())
    assert isinstance(watched.next(), BuildRequest)
    wait_until(lambda: any("rustc" in line for line in watched.processes()))
    atomically(watched.path, longer_than(7))
    build = watched.finished()
    assert (build.version, shortest(build)) == (3, 7)
    assert watched.is_quiet()


@pytest.mark.parametrize("name", ["cargo", "rustc"])
def test_close_ends_running_build(tmp_path: Path, build_cache: Path, name: str) -> None:
    path = tmp_path / "sf1.rs"
    path.write_text(slow_source())
    # In an empty cache, cargo compiles the SDK first.
    watched = Watched(path, tmp_path / "cache" if name == "cargo" else build_cache)
    wait_until(lambda: any(f"/{name} " in line for line in watched.processes()))
    watched.loop.close()
    assert watched.processes() == []
    watched.loop.close()
    while not watched.is_quiet(0.1):
        assert isinstance(watched.builds[-1], BuildRequest), "no build has ended"


def test_internal_error_fails_build_and_next_save_is_built(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(builder: RustBuilder, job: Job) -> Compiled:
        raise LookupError("oh no")

    watched.finished()
    monkeypatch.setenv("FLUVIO_TUI_DEBUG", "1")
    with monkeypatch.context() as broken:
        broken.setattr(RustBuilder, "build", fail)
        atomically(watched.path, longer_than(1))
        build = watched.failed()
    assert refusal(build) == "internal error: LookupError('oh no')"
    assert build.error is not None
    assert "Traceback" in build.error.remedy
    atomically(watched.path, longer_than(2))
    watched.settled(2)


def test_a_build_that_a_save_overtakes_at_its_end_is_not_shown(
    watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = RustBuilder.build

    def overtaken(builder: RustBuilder, job: Job) -> Compiled:
        compiled = build(builder, job)
        monkeypatch.undo()
        watched.path.write_text(longer_than(2))
        watched.loop.rebuild()
        return compiled

    watched.finished()
    monkeypatch.setattr(RustBuilder, "build", overtaken)
    atomically(watched.path, longer_than(1))
    assert shortest(watched.finished()) == 2


def test_close_before_start(tmp_path: Path, build_cache: Path) -> None:
    builds: list[Build] = []
    loop = BuildLoop(InlineSource(tmp_path / "sf1.rs", cache=build_cache), builds.append)
    loop.close()
    assert builds == []
