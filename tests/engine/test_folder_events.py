"""What the system tells of changes in folders: real files, real watches."""

import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from engine.folder_events import FolderEvents, Inotify, Polling
from tests.waiting import wait_for

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="inotify is Linux's")


@pytest.fixture
def events() -> Iterator[FolderEvents]:
    with closing(Inotify()) as events:
        yield events


def test_tells_of_every_kind_of_change(events: FolderEvents, tmp_path: Path) -> None:
    events.watch([tmp_path])
    file, other = tmp_path / "file", tmp_path / "other"
    file.write_text("in place")
    assert events.wait() == {str(file)}
    other.write_text("moved")
    other.replace(file)
    assert events.wait() == {str(file), str(other)}
    file.chmod(0o600)
    assert events.wait() == {str(file)}
    file.unlink()
    assert events.wait() == {str(file)}


def test_waits_for_the_end_of_writing_but_not_forever(events: FolderEvents, tmp_path: Path) -> None:
    events.watch([tmp_path])
    file = tmp_path / "file"
    with file.open("w") as written:
        written.write("the first half")
        written.flush()
        assert events.wait() == {str(file)}
        written.write("the second half")
    assert events.wait() == {str(file)}


def test_folders_to_watch_may_change_and_go(events: FolderEvents, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    events.watch([first, second])
    events.watch([second])
    (first / "file").touch()
    (second / "file").touch()
    assert events.wait() == {str(second / "file")}
    (first / "file").unlink()
    first.rmdir()
    with pytest.raises(FileNotFoundError):
        events.watch([first])
    (second / "file").write_text("still watched")
    wait_for(events.wait, lambda named: named == {str(second / "file")})


@pytest.mark.parametrize("events", [Inotify, Polling])
def test_ends_a_wait_that_is_interrupted(events: type[FolderEvents]) -> None:
    with closing(events()) as waiting:
        waiting.interrupt()
        waiting.interrupt()
        assert waiting.wait() == set()
