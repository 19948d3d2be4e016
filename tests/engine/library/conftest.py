from pathlib import Path

import pytest

from engine.library.store import SmartStreamStore


@pytest.fixture
def store(tmp_path: Path) -> SmartStreamStore:
    return SmartStreamStore(tmp_path / "data")
