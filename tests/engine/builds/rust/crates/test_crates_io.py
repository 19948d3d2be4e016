"""Crates of crates.io itself."""

import os
import re
import urllib.request
from pathlib import Path

import pytest

from engine.builds.rust.toolchain import Toolchain
from tests.engine.builds.build_once import build_once
from tests.engine.conftest import evaluate_values

pytestmark = pytest.mark.cargo

PAGE = Path(__file__).parents[5] / "docs" / "writing-smartstreams.md"
SPARSE = (1, 70)
"""The first cargo that needs no more than this host."""


@pytest.fixture
def crates_io(toolchain: Toolchain) -> None:
    """Skips a test without crates.io, saying so; FLUVIO_TUI_REQUIRE_CRATES=1 lets it fail instead."""
    if toolchain.release < SPARSE:
        pytest.skip("this cargo reads the index of crates.io from GitHub")
    if os.environ.get("FLUVIO_TUI_REQUIRE_CRATES") != "1":
        try:
            urllib.request.urlopen("https://index.crates.io/config.json", timeout=20).close()
        except OSError as error:
            pytest.skip(f"crates.io cannot be reached: {error}")


@pytest.mark.usefixtures("crates_io")
def test_the_example_is_built_and_later_without_a_network(tmp_path: Path, toolchain: Toolchain) -> None:
    (source,) = re.findall(r"^```text\n(---\n.*?)^```", PAGE.read_text(), re.MULTILINE | re.DOTALL)
    path, cache = tmp_path / "sf1.rs", tmp_path / "cache"
    path.write_text(source)
    environ = {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo)}
    build = build_once(path, cache=cache, environ=environ)
    assert build.wasm is not None, build
    values = [b"order-17", b"order-x"]
    assert list(evaluate_values(build.wasm, values).outputs.source) == [0]

    # Nothing listens on port 9.
    nowhere = {"HTTPS_PROXY": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}
    offline = {**environ, **nowhere, "CARGO_NET_RETRY": "0"}
    (tmp_path / "sf1.lock").unlink()
    assert build_once(path, cache=cache, environ=offline).ready
    path.write_text(source.replace("regex-lite =", "itoa = '1'\nregex-lite ="))
    refused = build_once(path, cache=cache, environ=offline).error
    assert refused is not None
    assert refused.message.startswith("crates.io cannot be reached: ")
