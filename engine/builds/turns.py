"""How many builds run at once, in this and other programs."""

import os
from pathlib import Path

from engine.file_lock import FileLock
from engine.process.job import Job

AT_ONCE = max(2, os.cpu_count() or 1)
"""As many as there are processors; one that takes long must not hold up all others."""
_RETRY_SECONDS = 0.01


def take_turn(folder: Path, job: Job) -> FileLock:
    """Wait until fewer than `AT_ONCE` builds run that take their turns in this folder.

    The turn ends when the lock is closed. `SupersededError` as in `Job`.
    """
    while (turn := _free_turn(folder)) is None:
        job.report(f"waiting for {AT_ONCE} other builds")
        job.wait(_RETRY_SECONDS)
    return turn


def _free_turn(folder: Path) -> FileLock | None:
    for number in range(AT_ONCE):
        turn = FileLock(folder / f"turn-{number}.lock")
        if turn.try_acquire():
            return turn
        turn.close()
    return None
