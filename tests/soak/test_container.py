"""The steps of the container file that make the program, run in folders of a test: no container starts."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from engine import __version__
from tests.installation import INSTALL_SECONDS, ROOT

pytestmark = [pytest.mark.soak, pytest.mark.timeout(900)]


def stage(name: str) -> str:
    """The lines of a stage of the container file."""
    text = (ROOT / "Containerfile").read_text()
    return re.split(rf"^FROM \S+ AS {name}$", text, flags=re.MULTILINE)[1].partition("\nFROM ")[0]


def context(folder: Path) -> None:
    """Copy what `.containerignore` leaves."""
    for kept in re.findall(r"^!(\S+)$", (ROOT / ".containerignore").read_text(), re.MULTILINE):
        source, copy = ROOT / kept, folder / kept
        copy.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, copy, ignore=shutil.ignore_patterns("target", "__pycache__"))
        else:
            shutil.copyfile(source, copy)


def test_its_steps_install_the_program(pypi: None, tmp_path: Path) -> None:
    context(tmp_path / "source")
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin/python").symlink_to(Path(sys.executable).resolve())
    steps = re.findall(r"^RUN ((?:.*\\\n)*.*)$", stage("program"), re.MULTILINE)
    assert len(steps) == 2
    for step in steps:
        moved = re.sub(r"/(?=opt/|wheel)", f"{tmp_path}/", step)
        ran = subprocess.run(
            ["sh", "-ec", moved],
            cwd=tmp_path / "source",
            env={**os.environ, "PATH": f"{tmp_path}/bin:{os.environ['PATH']}", "PYTHONPATH": ""},
            capture_output=True,
            text=True,
            timeout=INSTALL_SECONDS,
        )
        assert ran.returncode == 0, ran.stdout + ran.stderr
    program = tmp_path / "opt/fluvio-tui/bin/fluvio-tui"
    said = subprocess.run([program, "--version"], env={}, cwd=tmp_path, capture_output=True, text=True)
    assert said.stdout == f"fluvio-tui {__version__}\n"
