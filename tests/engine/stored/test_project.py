"""A SmartStream that is a cargo project of a person's own, built as they would, stored and used."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from engine.build.cargo import environment
from engine.build.resources import sdk_folder
from engine.build.toolchain import TARGET, Toolchain
from engine.stored.store import SmartStreamStore
from engine.verdicts import Verdict
from tests.engine.smartstream.guests import batch

pytestmark = pytest.mark.cargo


def test_the_example_project_is_built_stored_and_used(
    toolchain: Toolchain, store: SmartStreamStore, tmp_path: Path
) -> None:
    filters = tmp_path / "filters"
    for folder in ("sdk", "project"):
        # A copy, because cargo writes beside what it builds.
        ignored = shutil.ignore_patterns("target", "Cargo.lock")
        shutil.copytree(sdk_folder().parent / folder, filters / folder, ignore=ignored)
    target = tmp_path / "target"
    settings = environment(os.environ, toolchain, tmp_path / "home", target)
    # Nobody's own project has the settings that an inline filter is built with.
    del settings["CARGO_ENCODED_RUSTFLAGS"]
    subprocess.run(
        [toolchain.cargo, "build", "--release", "--offline", "--target", TARGET],
        cwd=filters / "project",
        env=settings,
        check=True,
        capture_output=True,
        timeout=100,
    )
    store.add("steady", (target / TARGET / "release/steady.wasm").read_bytes(), "steady.wasm")
    with store.open("steady") as stream:
        judged = stream.evaluate(batch([b"20.5", b"21.0", b"29", b"29.3", b"warm"]))
    verdicts = [Verdict.PASS, Verdict.PASS, Verdict.DROP, Verdict.PASS, Verdict.ERROR]
    assert judged.verdicts.tolist() == verdicts
    assert [output.text for output in judged.outputs] == ["8.0 degrees off"]
