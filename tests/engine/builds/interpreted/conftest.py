"""Builds files in each language with an interpreter: a test with `build_file` runs once in each of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from tests.engine.builds.build_once import build_once

SUFFIXES = {"javascript": ".js", "python": ".py"}
"""By the fixture of each language."""
Build = Callable[..., BuildResult]


@pytest.fixture(params=SUFFIXES)
def language(request: pytest.FixtureRequest) -> str:
    """A language whose interpreter is there."""
    name: str = request.param
    request.getfixturevalue(name)
    return name


@pytest.fixture
def build_file(language: str, tmp_path: Path) -> Build:
    """Write the file `sf1` of the language, whose text is given for each of them, and build it."""

    def build(**texts: str) -> BuildResult:
        path = tmp_path / f"sf1{SUFFIXES[language]}"
        path.write_text(texts[language])
        return build_once(path)

    return build
