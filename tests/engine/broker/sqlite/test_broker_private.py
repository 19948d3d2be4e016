import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.emergency_space import RESERVED_BYTES
from engine.errors import BrokerError
from engine.records.batch import record_batch

Until = Callable[[Callable[[], bool]], None]
SCRIPT = Path(__file__).with_name("broker_process.py")
FILES = ("log.db", "log.commits", "log.ballast", "log.lock", "log.maintenance.lock")


def open_to_others(folder: Path) -> list[str]:
    """What in a folder, itself included, other users may use in any way."""
    return [str(path) for path in (folder, *folder.rglob("*")) if path.lstat().st_mode & 0o077]


def test_nothing_is_open_to_others_whatever_the_umask(folder: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, SCRIPT, "fill", folder, "a"],
        umask=0,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"ready\n"
        found = {path.name for path in folder.iterdir()}
        assert {*FILES, "log.db-wal", "log.db-shm"} <= found
        assert any(name.startswith("log.consumer.") for name in found)
        assert open_to_others(folder) == []
    assert process.returncode == 0
    assert open_to_others(folder) == []


def test_a_log_of_an_earlier_version_is_closed_to_others(folder: Path) -> None:
    with EmbeddedBroker.open(folder) as broker:
        broker.topics.create("a")
        for path in folder.iterdir():
            path.chmod(0o644)
        with EmbeddedBroker.open(folder):
            ignored = str(folder / "log.ballast")  # it has nothing to read
            assert set(open_to_others(folder)) - {str(folder), ignored} == set()


def test_emergency_space_replaces_a_planted_link(folder: Path, until: Until, impatient: None) -> None:
    target = folder.with_name("target")
    folder.mkdir(0o700)
    (folder / "log.ballast").symlink_to(target)
    with EmbeddedBroker.open(folder):
        until(lambda: not (folder / "log.ballast").is_symlink())
        until((folder / "log.ballast").is_file)
    assert not target.exists()


@pytest.mark.parametrize("allocates", ["the system", "no system call", "not this file system"])
def test_emergency_space_takes_its_space(
    folder: Path, monkeypatch: pytest.MonkeyPatch, allocates: str
) -> None:
    def unsupported(*_: int) -> None:
        raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))

    if allocates == "no system call":  # as on macOS
        monkeypatch.delattr(os, "posix_fallocate", raising=False)
    elif allocates == "not this file system":
        monkeypatch.setattr(os, "posix_fallocate", unsupported, raising=False)
    EmbeddedBroker.open(folder).close()
    found = (folder / "log.ballast").stat()
    assert (found.st_size, found.st_blocks * 512 >= found.st_size) == (RESERVED_BYTES, True)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("content", [None, b"the user's own"])
def test_a_planted_link_is_not_followed(folder: Path, name: str, content: bytes | None) -> None:
    target = folder.with_name("target")
    if content is not None:
        target.write_bytes(content)
    folder.mkdir(0o700)
    (folder / name).symlink_to(target)
    try:
        with EmbeddedBroker.open(folder) as broker:
            broker.topics.create("a")
            broker.log.append("a", record_batch([b"x"]))
    except BrokerError as error:
        assert str(folder / name) in error.message
        assert "link" in error.remedy or "move" in error.remedy
        assert error.code == "data-folder"
    else:
        assert name == "log.ballast"
    assert (target.read_bytes() if target.exists() else None) == content


@pytest.mark.parametrize("bits", [0o777, 0o775, 0o1777])
def test_a_folder_that_others_may_write_to_is_refused(folder: Path, bits: int) -> None:
    folder.mkdir()
    folder.chmod(bits)
    with pytest.raises(BrokerError, match="other users may write") as raised:
        EmbeddedBroker.open(folder)
    assert f"chmod go-w {folder}" in raised.value.remedy
    assert not list(folder.iterdir())
    folder.chmod(stat.S_IMODE(folder.stat().st_mode) & ~0o022)
    EmbeddedBroker.open(folder).close()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give a folder away")
def test_a_folder_of_another_user_is_refused(folder: Path) -> None:
    folder.mkdir()
    os.chown(folder, 12345, 12345)
    with pytest.raises(BrokerError, match="belongs to another user"):
        EmbeddedBroker.open(folder)
    assert not list(folder.iterdir())
