"""The workflows of GitHub Actions and the container file: read by their schema, and what they name exists."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


def test_workflows_are_valid() -> None:
    assert {path.name for path in WORKFLOWS} == {"ci.yml", "release.yml"}
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    checked = subprocess.run([*command, *WORKFLOWS], capture_output=True, text=True, timeout=90)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_ci_runs_what_developers_run() -> None:
    text = (ROOT / ".github/workflows/ci.yml").read_text()
    assert "run: .ci/run" in text
    assert {"ubuntu", "macos"} <= set(re.findall(r"[a-z]+(?=-\d)", text))


def test_the_container_file_copies_what_its_context_has() -> None:
    kept = re.findall(r"^!(\S+)$", (ROOT / ".containerignore").read_text(), re.MULTILINE)
    assert [path for path in kept if not (ROOT / path).exists()] == []
    assert {"engine", "tui", "filters", "requirements.txt", "hatch_build.py", "README.md"} <= set(kept)
