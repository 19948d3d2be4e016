"""Being told of changes in folders, by whatever the system has."""

import os
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

from engine.build.folder_changes import Changes, Turn, folder_changes, told_by_watchfiles

Told = Callable[[list[Path], Turn], Changes]

ways = pytest.mark.parametrize("told", [folder_changes, told_by_watchfiles])
linux = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@pytest.fixture
def turn() -> Iterator[Turn]:
    with closing(Turn()) as turn:
        yield turn


def named_until(changes: Changes, *paths: Path) -> bool:
    """Whether all of these paths are told of, sooner or later."""
    wanted, end = set(map(str, paths)), time.monotonic() + 10
    while wanted and time.monotonic() < end:
        wanted -= next(changes) or set()
    return not wanted


@ways
def test_changes_in_all_folders_are_told_of_by_name(tmp_path: Path, turn: Turn, told: Told) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        folder.mkdir()
    with closing(told(folders, turn)) as changes:
        assert next(changes) == set(), "nothing so far"
        new, moved = folders[0] / "new.rs", folders[1] / "moved.rs"
        new.write_text("something")
        assert named_until(changes, new)
        new.rename(moved)
        assert named_until(changes, new, moved)
        moved.unlink()
        assert named_until(changes, moved)


@ways
def test_waits_end_at_once_and_others_can_follow(tmp_path: Path, turn: Turn, told: Told) -> None:
    with ThreadPoolExecutor(1) as pool:
        for _ in range(3):
            changes = told([tmp_path], turn)
            next(changes)
            ended = pool.submit(lambda changes=changes: list(changes))
            turn.set()
            assert all(named == set() for named in ended.result(10))
            turn.clear()
            assert not turn.is_set()


@linux
def test_a_folder_that_is_not_there_is_an_error(tmp_path: Path, turn: Turn) -> None:
    with pytest.raises(FileNotFoundError):
        next(folder_changes([tmp_path / "none"], turn))


@linux
def test_a_folder_with_two_names_tells_by_both(tmp_path: Path, turn: Turn) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with closing(folder_changes([tmp_path / "real", tmp_path / "link"], turn)) as changes:
        next(changes)
        (tmp_path / "real" / "a.rs").write_text("something")
        assert named_until(changes, tmp_path / "real" / "a.rs", tmp_path / "link" / "a.rs")


@linux
def test_where_more_was_to_be_told_than_is_kept_it_may_be_any(tmp_path: Path, turn: Turn) -> None:
    kept = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    files = [tmp_path / "a.rs", tmp_path / "b.rs"]
    for file in files:
        file.touch()
    with closing(folder_changes([tmp_path], turn)) as changes:
        next(changes)
        for number in range(kept + 10):
            os.utime(files[number % 2])
        assert next(changes) is None


def test_a_turn_that_was_closed_can_be_set() -> None:
    turn = Turn()
    turn.close()
    turn.set()
    turn.close()
