"""Whether crates.io can be reached."""

import os
import urllib.request

import pytest

from engine.builds.rust.toolchain import Toolchain

SPARSE = (1, 70)
"""The first cargo that needs no more than this host."""


@pytest.fixture
def crates_io(toolchain: Toolchain) -> None:
    """Skips a test without crates.io, saying so; FLUVIO_TUI_REQUIRE_CRATES=1 lets it fail instead."""
    if toolchain.release < SPARSE:
        pytest.skip(f"needs Rust 1.70 or newer: the cargo of {toolchain.version} reads registries with git")
    if os.environ.get("FLUVIO_TUI_REQUIRE_CRATES") != "1":
        try:
            urllib.request.urlopen("https://index.crates.io/config.json", timeout=20).close()
        except OSError as error:
            pytest.skip(f"crates.io cannot be reached: {error}")
