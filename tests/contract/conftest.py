from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.broker.broker import Broker
from tests.contract.implementations import Embedded, Implementation, InMemory
from tests.engine.broker.sqlite.conftest import in_thread

__all__ = ["in_thread"]


@pytest.fixture(params=["embedded", "memory"])
def implementation(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Implementation]:
    opened = Embedded(tmp_path / "data") if request.param == "embedded" else InMemory()
    yield opened
    opened.close()


@pytest.fixture
def broker(implementation: Implementation) -> Broker:
    return implementation.broker
