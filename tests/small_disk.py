"""A file system that is quickly full."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 MB."""
    with mounted(tmp_path / "disk") as disk:
        yield disk


@contextmanager
def mounted(disk: Path) -> Iterator[Path]:
    """A file system of 64 MB at `disk`, for the block; skips the test where none can be mounted."""
    disk.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=64m,mode=700", "tmpfs", disk]
    try:
        tried = subprocess.run(command, capture_output=True, text=True)
    except OSError as error:
        pytest.skip(f"no small file system can be mounted: {error}")
    if tried.returncode:
        pytest.skip(f"no small file system can be mounted: {tried.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)  # a test that failed may have files open


def fill_up(disk: Path) -> Path:
    """Leave not one block free; the file that takes them."""
    filler = disk / "filler"
    with filler.open("ab", buffering=0) as file:
        for size in (1 << 20, 1 << 12):
            while True:
                try:
                    file.write(bytes(size))
                except OSError:
                    break
    assert os.statvfs(disk).f_bavail == 0
    return filler
