"""Crates of crates.io itself."""

import os
import re
from pathlib import Path

import pytest

from engine.builds.rust.toolchain import Toolchain
from tests.engine.builds.build_once import build_once
from tests.engine.conftest import evaluate_values

pytestmark = pytest.mark.cargo

PAGE = Path(__file__).parents[5] / "docs" / "writing-smartstreams.md"


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
