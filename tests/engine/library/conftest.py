from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore


@pytest.fixture
def store(tmp_path: Path) -> SmartStreamStore:
    return SmartStreamStore(tmp_path / "data")
