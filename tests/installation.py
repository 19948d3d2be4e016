"""The program as its users have it: a wheel, installed with what it needs into an environment of its own."""

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from engine.files import replace_file
from tests.terminal import Terminal

ROOT = Path(__file__).parents[1]
REQUIRED = "FLUVIO_TUI_REQUIRE_PYPI"
"""Set it where a missing package index is a failure."""
VERSIONS = ("3.11", "3.12", "3.13", "3.14")
"""The versions of Python that the package names."""
INSTALL_SECONDS = 300.0


def build(kind: str, source: Path, folder: Path) -> Path:
    """Build a wheel or an sdist of a source tree."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", kind, "--directory", folder]
    subprocess.run(command, cwd=source, check=True, capture_output=True, timeout=90)
    (built,) = folder.iterdir()
    return built


def find_python(version: str) -> Path | None:
    """An interpreter of a version: this one, one on PATH, or one of pyenv's."""
    if version == f"{sys.version_info.major}.{sys.version_info.minor}":
        return Path(sys.executable).resolve()
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    installed = sorted(pyenv.glob(f"versions/{version}.*/bin/python{version}"))
    on_path = shutil.which(f"python{version}")
    # First pyenv's own: on PATH it has a shim of each, which may not start.
    return installed[-1] if installed else Path(on_path) if on_path else None


def index_out_of_reach(folder: Path) -> str:
    """Why pip finds nothing on its index; empty if it does."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", folder, "wheel"]
    tried = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    return tried.stderr.strip().rpartition("\n")[2] if tried.returncode else ""


@dataclass(frozen=True, kw_only=True)
class Installation:
    """An environment with the program, and a user who has never started it."""

    environment: Path
    home: Path

    @classmethod
    def of(cls, wheel: Path, python: Path, folder: Path) -> "Installation":
        """Install a wheel, and from the index what it needs, as `pipx` and `uv tool install` do."""
        made = cls(environment=folder / "environment", home=folder / "home")
        made.home.mkdir(parents=True)
        _run(python, "-m", "venv", made.environment)
        # Only what is imported is compiled, at the first start.
        quiet = ("--quiet", "--disable-pip-version-check", "--no-compile")
        _run(made.environment / "bin/python", "-m", "pip", "install", *quiet, wheel)
        return made

    @property
    def variables(self) -> dict[str, str]:
        """A new user's environment, in which nothing leads to the repository."""
        path = os.pathsep.join((str(self.environment / "bin"), os.environ["PATH"]))
        rustup = os.environ.get("RUSTUP_HOME", str(Path.home() / ".rustup"))
        return {"HOME": str(self.home), "PATH": path, "RUSTUP_HOME": rustup, "LANG": "C.UTF-8"}

    def run(self, *arguments: str, text: str = "") -> str:
        """Run a command to its end, which must be a good one; its standard output."""
        ran = subprocess.run(
            ["fluvio-tui", *arguments],
            executable=self.environment / "bin/fluvio-tui",
            input=text,
            env=self.variables,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=90,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    def open(self, *arguments: str) -> Terminal:
        """Start the program in a terminal."""
        command = [str(self.environment / "bin/fluvio-tui"), *arguments]
        return Terminal(command, env=self.variables, cwd=self.home)

    def sees_a_reload(self) -> None:
        """Write records, watch them with a filter in Rust, save another, and see its verdicts."""
        self.run("produce", "fruit", "--create", text="apple 1\nbanana 1\napple 2\n")
        source = self.home / "chosen.rs"
        source.write_text(_filter("apple"))
        with self.open("watch", "fruit", "-f", "chosen.rs") as terminal:
            # The first start compiles Python, the SDK, and shows the lesson.
            terminal.wait_for(lambda text: "live v1" in text and text.count("apple 2") == 2, 120)
            # In one step: what is empty for a while would be a save, too, and take a number.
            replace_file(source, _filter("banana").encode())
            terminal.wait_for(lambda text: "live v2" in text and text.count("banana 1") == 2, 60)
            assert terminal.text.count("apple 2") == 1


def _filter(prefix: str) -> str:
    return (
        "#[smartstream(filter)]\n"
        "pub fn chosen(value: &[u8]) -> bool {\n"
        f'    value.starts_with(b"{prefix}")\n'
        "}\n"
    )


def _run(*command: str | Path) -> None:
    ran = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS)
    assert ran.returncode == 0, ran.stdout + ran.stderr
