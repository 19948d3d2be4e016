"""What is published, installed from its wheel with every version of Python that it is for."""

from pathlib import Path

import pytest

from tests.installation import ROOT, VERSIONS, Installation, build, find_python

pytestmark = [pytest.mark.soak, pytest.mark.cargo, pytest.mark.timeout(1200)]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.mark.parametrize("version", VERSIONS)
def test_installed_from_pypi_it_follows_a_save(pypi: None, wheel: Path, version: str, tmp_path: Path) -> None:
    python = find_python(version)
    if python is None:
        pytest.skip(f"Python {version} is not installed")
    Installation.of(wheel, python, tmp_path).sees_a_reload()
