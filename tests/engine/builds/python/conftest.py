"""Builds files in Python, and lets them evaluate records."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from tests.engine.builds.build_once import build_once

Build = Callable[..., BuildResult]


@pytest.fixture
def build_file(python: Path, tmp_path: Path) -> Build:
    """Write a file, `sf1.py` unless it is given another name, and build it."""

    def build(source: str, name: str = "sf1.py") -> BuildResult:
        path = tmp_path / name
        path.write_text(source)
        return build_once(path)

    return build
