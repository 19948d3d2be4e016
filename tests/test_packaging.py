"""What `pip install .` gives: a wheel with the Rust SDK and the examples inside, working from any folder."""

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from email import message_from_bytes
from pathlib import Path
from zipfile import ZipFile

import pytest
from readme_renderer import markdown

from engine import __version__
from engine.builds.rust.toolchain import find_toolchain
from engine.errors import ToolchainError
from tests.installation import ROOT, build

PATIENCE = 90.0


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
    alone = ("--quiet", "--no-deps", "--no-index", "--target", folder)
    subprocess.run([sys.executable, "-m", "pip", "install", *alone, wheel], check=True, timeout=PATIENCE)
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


def test_a_release_says_on_pypi_what_the_readme_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("FLUVIO_TUI_REPOSITORY", "https://example.org/owner/name")
    released = build("wheel", ROOT, tmp_path)
    with ZipFile(released) as archive:
        (about,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        metadata = message_from_bytes(archive.read(about))
    assert "Source, https://example.org/owner/name" in metadata.get_all("Project-URL", [])
    page = markdown.render(metadata.get_payload())
    assert page is not None
    assert "pipx install fluvio-tui" in re.sub("<[^>]*>", "", page)
    assert "REPOSITORY" not in page
    links = re.findall(r'(?:href|src)="([^"]*)"', page)
    assert [link for link in links if not link.startswith(("https:", "#"))] == []
    tree = f"https://example.org/owner/name/blob/v{__version__}"
    assert f"{tree}/docs/tutorial.md" in links
    (picture,) = (link for link in links if link.endswith(".svg"))
    assert picture.startswith(f"https://example.org/owner/name/raw/v{__version__}/screenshots/")


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
