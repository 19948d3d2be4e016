"""Noticing changes: real files, real watches, one thread for all."""

import threading
from pathlib import Path
from queue import SimpleQueue

import pytest

from engine import file_watcher
from engine.file_watcher import FileChange, FileWatcher
from engine.folder_watcher import FolderWatch
from tests.waiting import PATIENCE


def threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "watch files"]


def test_one_thread_serves_all_watchers(tmp_path: Path) -> None:
    shared = FolderWatch()
    changes: list[SimpleQueue[FileChange]] = [SimpleQueue(), SimpleQueue(), SimpleQueue()]
    files = [tmp_path / "a" / "one", tmp_path / "a" / "two", tmp_path / "b" / "three"]
    watchers = [FileWatcher(queue.put, shared) for queue in changes]
    for file, watcher in zip(files, watchers, strict=True):
        file.parent.mkdir(exist_ok=True)
        file.write_text("before")
        watcher.watch([file])
        watcher.start()
    assert len(threads()) == 1
    for number, file in enumerate(files):
        file.write_text(f"after {number}")
        assert changes[number].get(timeout=PATIENCE).path == file
    assert all(queue.empty() for queue in changes)
    # Folders may change meanwhile.
    elsewhere = tmp_path / "c" / "four"
    elsewhere.parent.mkdir()
    elsewhere.write_text("before")
    watchers[0].watch([elsewhere])
    elsewhere.write_text("after")
    assert changes[0].get(timeout=PATIENCE).path == elsewhere
    watchers[0].close()
    elsewhere.write_text("after the end")
    files[2].write_text("once more")
    assert changes[2].get(timeout=PATIENCE).path == files[2]
    assert changes[0].empty()
    watchers[1].close()
    watchers[2].close()
    assert threads() == []


def test_watching_continues_with_a_new_watcher(tmp_path: Path) -> None:
    shared = FolderWatch()
    file = tmp_path / "file"
    file.write_text("0")
    for number in range(1, 20):
        changes: SimpleQueue[FileChange] = SimpleQueue()
        watcher = FileWatcher(changes.put, shared)
        watcher.watch([file])
        watcher.start()
        file.write_text(str(number))
        assert changes.get(timeout=PATIENCE).path == file
        watcher.close()
        watcher.close()
    assert threads() == []


@pytest.mark.parametrize("before", ["before", None], ids=["emptied", "created"])
def test_a_file_that_is_empty_before_it_is_written_is_saved_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, before: str | None
) -> None:
    monkeypatch.setattr(file_watcher, "ABSENCE_SECONDS", 2 * PATIENCE)
    file = tmp_path / "file"
    if before is not None:
        file.write_text(before)
    changes: SimpleQueue[FileChange] = SimpleQueue()
    looked: SimpleQueue[int] = SimpleQueue()

    class Looking(FileWatcher):
        def look(self, named: set[str]) -> None:
            size = file.stat().st_size if file.exists() else -1
            super().look(named)
            looked.put(size)

    watcher = Looking(changes.put)
    watcher.watch([file])
    watcher.start()
    with file.open("w") as written:
        while looked.get(timeout=PATIENCE):
            pass
        written.write("after")
    assert changes.get(timeout=PATIENCE).path == file
    assert changes.empty()
    # A file that stays empty has changed, too.
    monkeypatch.setattr(file_watcher, "ABSENCE_SECONDS", 0.1)
    file.write_text("")
    assert changes.get(timeout=PATIENCE).path == file
    watcher.close()


def test_close_waits_for_a_running_callback(tmp_path: Path) -> None:
    shared = FolderWatch()
    file = tmp_path / "file"
    file.write_text("before")
    entered, released = threading.Event(), threading.Event()

    def slow(_change: FileChange) -> None:
        entered.set()
        assert released.wait(PATIENCE)

    other: SimpleQueue[FileChange] = SimpleQueue()
    watcher, another = FileWatcher(slow, shared), FileWatcher(other.put, shared)
    for each in (watcher, another):
        each.watch([file])
        each.start()
    file.write_text("after")
    assert entered.wait(PATIENCE)
    closing = threading.Thread(target=watcher.close)
    closing.start()
    closing.join(0.2)
    assert closing.is_alive()
    released.set()
    closing.join(PATIENCE)
    assert not closing.is_alive()
    # The others continue.
    assert other.get(timeout=PATIENCE).path == file
    another.close()
    assert threads() == []
