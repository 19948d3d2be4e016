"""The build cache forgets what no build has used for long."""

import os
import time
from pathlib import Path

import pytest

from engine.builds.rust.pruning import COMPILED, KEPT_BYTES, LOCK, holdings, prune
from engine.file_lock import FileLock

DAY = 86_400


def libraries(builds: Path, name: str, *, days: float, size: int = 1_000) -> Path:
    """A set of libraries that was last used so many days ago."""
    folder = builds / "1.63.0-abc" / "libraries" / name
    folder.mkdir(parents=True)
    with (folder / "lib.rlib").open("wb") as file:
        file.truncate(size)
    (folder / COMPILED).touch()
    used = time.time() - days * DAY
    os.utime(folder / COMPILED, (used, used))
    return folder


def names(builds: Path) -> list[str]:
    return [holding.folder.name for holding in holdings(builds)]


def test_unused_libraries_go_after_a_month(tmp_path: Path) -> None:
    for days in (0, 29, 31):
        libraries(tmp_path, f"{days} days", days=days)
    assert [holding.size for holding in holdings(tmp_path)] == [1_000] * 3
    prune(tmp_path)
    assert names(tmp_path) == ["0 days", "29 days"]


def test_oldest_libraries_go_if_they_are_too_large(tmp_path: Path) -> None:
    for days in (0.5, 2, 3):
        libraries(tmp_path, f"{days} days", days=days, size=KEPT_BYTES // 2)
    prune(tmp_path)
    assert names(tmp_path) == ["0.5 days", "2 days"]
    libraries(tmp_path, "large", days=0, size=2 * KEPT_BYTES)
    prune(tmp_path)
    assert names(tmp_path) == ["large", "0.5 days"], "what was used today stays"
    libraries(tmp_path, "small", days=3)
    libraries(tmp_path, "larger", days=2, size=2 * KEPT_BYTES)
    (tmp_path / "1.63.0-abc" / "libraries" / "large" / "lib.rlib").unlink()
    prune(tmp_path)
    assert names(tmp_path) == ["large", "0.5 days", "small"], "what is gone takes no room of others"


def test_libraries_that_are_being_compiled_stay(tmp_path: Path) -> None:
    folder = libraries(tmp_path, "old", days=99)
    with FileLock(folder / LOCK):
        prune(tmp_path)
        assert names(tmp_path) == ["old"]
    prune(tmp_path)
    assert names(tmp_path) == ["1.63.0-abc"], "the folder of the toolchain, used just now"


@pytest.mark.parametrize("days", [29, 31])
def test_folder_of_an_older_version_goes_after_a_month(tmp_path: Path, days: int) -> None:
    folder = tmp_path / "1.63.0-abc"
    (folder / "crates").mkdir(parents=True)
    used = time.time() - days * DAY
    os.utime(folder, (used, used))
    prune(tmp_path)
    assert folder.exists() == (days < 30)


def test_empty_cache_holds_nothing(tmp_path: Path) -> None:
    assert holdings(tmp_path / "none") == []
