"""What every test takes for granted."""

import signal
from functools import cache
from pathlib import Path

import pytest

from engine.build.toolchain import find_toolchain
from engine.errors import ToolchainError


def pytest_configure(config: pytest.Config) -> None:
    """Let Ctrl-C end what tests start: a shell that runs the tests in the background has it ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what compiles Rust where no toolchain can."""
    missing = _missing_toolchain() if item.get_closest_marker("cargo") else ""
    if missing:
        pytest.skip(f"compiles Rust: {missing}")


@pytest.fixture(scope="session")
def build_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder to build filters in, one for all tests, so that the guest SDK is compiled once."""
    return tmp_path_factory.mktemp("cache")


@cache
def _missing_toolchain() -> str:
    try:
        find_toolchain()
    except ToolchainError as error:
        return error.message
    return ""
