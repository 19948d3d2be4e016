"""The README's examples do what it says they do."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)


def examples() -> Iterator[tuple[str, str]]:
    """Each command of a console block, and the output printed under it."""
    for block in blocks("console"):
        for example in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            command, _, output = example.partition("\n")
            yield command, output


@pytest.mark.cargo
def test_the_console_examples_print_what_is_shown(tmp_path: Path, build_cache: Path) -> None:
    (source,) = blocks("rust")
    (tmp_path / "sf1.rs").write_text(source)
    (tmp_path / "bin").mkdir()
    program = tmp_path / "bin/fluvio-tui"
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m tui "$@"\n')
    program.chmod(0o700)
    environment = {
        **os.environ,
        "PATH": f"{program.parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
        "FLUVIO_TUI_DATA": str(tmp_path / "data"),
        "FLUVIO_TUI_CACHE": str(build_cache),
    }
    commands = list(examples())
    assert len(commands) >= 3
    for command, shown in commands:
        ran = subprocess.run(
            ["bash", "-c", command],
            cwd=tmp_path,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=90,
        )
        assert without_times(ran.stdout) == without_times(shown), command
        assert ran.returncode == 0


def without_times(text: str) -> str:
    text = re.sub(r" +[\d.]+ [µm]s  ", " …  ", text)
    return re.sub(r"\d+\.\d s$", "… s", text, flags=re.MULTILINE)


def test_the_example_is_the_announced_one() -> None:
    (source,) = blocks("rust")
    assert source == (ROOT / "filters/examples/has_number.rs").read_text()


def test_files_that_are_linked_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README)
    assert links
    assert [link for link in links if not (ROOT / link).exists()] == []


def test_the_commands_shown_are_targets_of_make() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"^make (\w+)", README, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
