"""What is kept of crates that were linked before the files that use them."""

import os
from pathlib import Path

import pytest

from engine.runtime.loading.prelinked import KEPT_SETS, KEY, crates_folder, forget_crates, prelinked_folder


def test_crates_used_long_ago_are_forgotten_with_their_keys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    keys = [f"{number:016x}" for number in range(KEPT_SETS + 2)]
    for used, key in enumerate(keys):
        crates_folder(key).mkdir(parents=True)
        os.utime(crates_folder(key), (used, used))
        for name in ("one", "other"):
            (prelinked_folder() / f"{name}-{key}{KEY}").write_text(key)
    forget_crates()
    left = {*keys[2:], *(f"{name}-{key}{KEY}" for key in keys[2:] for name in ("one", "other"))}
    assert {path.name for path in prelinked_folder().iterdir()} == left
