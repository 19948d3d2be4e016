"""What `pip install .` gives: a wheel with the Rust SDK and the examples inside, working from any folder."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZipFile

import pytest

from engine import __version__
from engine.builds.rust.toolchain import find_toolchain
from engine.errors import ToolchainError

ROOT = Path(__file__).parents[1]
PATIENCE = 90.0


def python(*arguments: str | Path, cwd: Path = ROOT) -> None:
    subprocess.run([sys.executable, *arguments], cwd=cwd, check=True, capture_output=True, timeout=PATIENCE)


def build(kind: str, source: Path, folder: Path) -> Path:
    python("-m", "hatchling", "build", "--target", kind, "--directory", folder, cwd=source)
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@dataclass(frozen=True)
class Installed:
    folder: Path
    home: Path

    def run(self, *arguments: str | Path, text: str = "") -> str:
        environment = {
            **os.environ,
            "PYTHONPATH": str(self.folder),
            "FLUVIO_TUI_DATA": str(self.home / "data"),
            "FLUVIO_TUI_CACHE": str(self.home / "cache"),
        }
        ran = subprocess.run(
            [self.folder / "bin/fluvio-tui", *arguments],
            input=text,
            env=environment,
            cwd=self.home,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
        )
        assert ran.returncode == 0, ran.stderr
        return ran.stdout


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("installed")
    python("-m", "pip", "install", "--quiet", "--no-deps", "--no-index", "--target", folder, wheel)
    return Installed(folder, tmp_path_factory.mktemp("elsewhere"))


def names(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_the_code_the_sdk_and_the_examples(wheel: Path) -> None:
    held = names(wheel)
    wanted = {
        *(
            path.relative_to(ROOT).as_posix()
            for part in ("engine", "tui")
            for path in ROOT.glob(f"{part}/**/*.py")
        ),
        *(path.relative_to(ROOT).as_posix() for path in ROOT.glob("tui/**/*.tcss")),
        *(
            f"engine/_filters/{path.relative_to(ROOT / 'filters')}"
            for pattern in ("examples/**/*.*s", "sdk/**/Cargo.*", "sdk/**/*.rs", "*.*s")
            for path in ROOT.glob(f"filters/{pattern}")
        ),
        "engine/_filters/c/above.c",
        "engine/_filters/wat/digit.wat",
        *(
            f"engine/_filters/{name}"
            for name in ("template.rs", "template.ts", "smartstream.d.ts", "expression.rs")
        ),
        f"fluvio_tui-{__version__}.data/data/share/man/man1/fluvio-tui.1",
        "engine/_filters/project/Cargo.toml",
        "engine/_filters/project/src/lib.rs",
        "engine/py.typed",
        "tui/py.typed",
    }
    assert len([name for name in wanted if name.startswith("engine/_filters/")]) > 5
    assert {name for name in wanted if "/target/" not in name} <= held


def test_the_wheel_holds_nothing_that_was_built_or_is_for_tests(wheel: Path) -> None:
    for name in names(wheel):
        assert "/target/" not in name
        assert not name.endswith((".pyc", ".wasm", ".svg"))
        about = (f"fluvio_tui-{__version__}.dist-info", f"fluvio_tui-{__version__}.data")
        assert name.split("/")[0] in ("engine", "tui", *about)


def test_a_wheel_built_from_the_source_distribution_is_the_same(wheel: Path, tmp_path: Path) -> None:
    source = build("sdist", ROOT, tmp_path / "sdist")
    # Python's own unpacking takes other arguments in every other version.
    (tmp_path / "unpacked").mkdir()
    subprocess.run(["tar", "-xf", source, "-C", tmp_path / "unpacked"], check=True)
    (unpacked,) = (tmp_path / "unpacked").iterdir()
    assert (unpacked / "Makefile").exists()
    assert names(build("wheel", unpacked, tmp_path / "wheel")) == names(wheel)


def test_the_installed_command_works_from_any_folder(installed: Installed) -> None:
    assert installed.run("--version") == f"fluvio-tui {__version__}\n"
    installed.run("produce", "logs", "--create", text="a\nb\n")
    assert installed.run("consume", "logs", "-B", "-d") == "a\nb\n"


@pytest.mark.cargo
def test_the_installed_command_builds_filters(installed: Installed) -> None:
    try:
        find_toolchain()
    except ToolchainError as error:
        pytest.skip(error.message)
    (installed.home / "sf1.rs").write_bytes((ROOT / "filters/examples/has_number.rs").read_bytes())
    installed.run("produce", "numbers", "--create", text="one\n2\n")
    line = ["consume", "numbers", "smartstream", "--inline-filter", "sf1.rs", "-B", "-d"]
    assert installed.run(*line) == "one\n"
