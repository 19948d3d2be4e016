"""Looking for a Rust toolchain, among fake ones and the real one."""

import os
from pathlib import Path

import pytest

from engine.builds.rust import toolchain as module
from engine.builds.rust.toolchain import TARGET, Toolchain, find_toolchain
from engine.errors import ToolchainError


class Machine:
    """A machine with the programs that a test puts on it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.path: list[Path] = []
        self.settings = {"HOME": str(root / "home")}
        self.program(root / "base" / "cc")
        self.program(root / "base" / "rust-lld")
        self.path.append(root / "base")

    @property
    def environ(self) -> dict[str, str]:
        return {"PATH": os.pathsep.join(map(str, self.path)), **self.settings}

    def program(self, path: Path, script: str = "exit 0") -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    def toolchain(self, folder: Path, *, target: bool = True, version: str = "1.80.0") -> Path:
        """A toolchain that answers as rustc does; its cargo."""
        libraries = folder / "lib" / "rustlib" / TARGET / "lib"
        if target:
            libraries.mkdir(parents=True)
            (libraries / "libstd-0123.rlib").touch()
        answers = f'*target-libdir*) echo {libraries} ;; *) echo "rustc {version} (abc 2024-01-01)" ;;'
        self.program(folder / "bin" / "rustc", f'case "$*" in {answers} esac')
        return self.program(folder / "bin" / "cargo")

    def rustup(self, name: str, *, target: bool = True) -> Path:
        return self.toolchain(self.root / "home" / ".rustup" / "toolchains" / name, target=target)

    def shims(self) -> Path:
        """A folder as rustup's, whose cargo may start a download."""
        folder = self.root / "home" / ".cargo" / "bin"
        self.program(folder / "rustup", f"touch {self.root}/touched")
        (folder / "cargo").symlink_to("rustup")
        os.link(folder / "rustup", folder / "rustc")
        return folder


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Machine:
    monkeypatch.setattr(module, "_SYSTEM_CARGO", tmp_path / "usr" / "bin" / "cargo")
    return Machine(tmp_path)


def test_no_toolchain(machine: Machine) -> None:
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(machine.environ)
    assert caught.value.message == "Rust is not installed: no cargo was found"
    assert caught.value.code == "toolchain"


def test_rustup_comes_before_path(machine: Machine) -> None:
    machine.toolchain(machine.root / "other")
    machine.path.append(machine.root / "other" / "bin")
    cargo = machine.rustup("stable-x")
    found = find_toolchain(machine.environ)
    assert (found.cargo, found.rustc) == (cargo, cargo.with_name("rustc"))
    assert (found.version, found.origin) == ("1.80.0", "rustup (stable-x)")
    assert found.target_libraries == cargo.parents[1] / "lib" / "rustlib" / TARGET / "lib"
    assert found.linker is None


def test_rustup_without_target_yields_to_distribution(machine: Machine) -> None:
    machine.rustup("stable-x", target=False)
    machine.rustup("nightly-x", target=False)
    machine.path.insert(0, machine.shims())
    cargo = machine.toolchain(machine.root / "usr")
    machine.path.append(cargo.parent)
    found = find_toolchain(machine.environ)
    assert (found.cargo, found.origin) == (cargo, "PATH")
    assert not (machine.root / "touched").exists(), "rustup was started"


def test_system_cargo_is_found_outside_path(machine: Machine) -> None:
    cargo = machine.toolchain(machine.root / "usr")
    found = find_toolchain(machine.environ)
    assert (found.cargo, found.origin) == (cargo, str(cargo.parent))


def test_order_of_rustup_toolchains(machine: Machine) -> None:
    for name in ("1.70.0-x", "nightly-x", "stable-x"):
        machine.rustup(name)
    assert find_toolchain(machine.environ).origin == "rustup (stable-x)"
    (machine.root / "home" / ".rustup" / "settings.toml").write_text('default_toolchain = "nightly-x"\n')
    assert find_toolchain(machine.environ).origin == "rustup (nightly-x)"
    machine.settings["RUSTUP_TOOLCHAIN"] = "1.70.0-x"
    assert find_toolchain(machine.environ).origin == "rustup (1.70.0-x)"


def test_rustup_home(machine: Machine) -> None:
    machine.toolchain(machine.root / "elsewhere" / "toolchains" / "mine")
    machine.settings["RUSTUP_HOME"] = str(machine.root / "elsewhere")
    assert find_toolchain(machine.environ).origin == "rustup (mine)"


def test_named_cargo_is_used(machine: Machine) -> None:
    machine.rustup("stable-x")
    cargo = machine.toolchain(machine.root / "mine")
    machine.settings["FLUVIO_TUI_CARGO"] = str(cargo)
    found = find_toolchain(machine.environ)
    assert (found.cargo, found.origin) == (cargo, "FLUVIO_TUI_CARGO")


@pytest.mark.parametrize("reason", ["is not a program", "lacks the target", "has no rustc that works"])
def test_unusable_named_cargo_is_an_error(machine: Machine, reason: str) -> None:
    machine.rustup("stable-x")
    cargo = machine.toolchain(machine.root / "mine", target=False)
    if reason == "is not a program":
        cargo.unlink()
    if reason == "has no rustc that works":
        machine.program(cargo.with_name("rustc"), "exit 1")
    machine.settings["FLUVIO_TUI_CARGO"] = str(cargo)
    with pytest.raises(ToolchainError) as caught:
        find_toolchain(machine.environ)
    assert str(cargo) in caught.value.message
    assert reason in caught.value.message
    assert "unset FLUVIO_TUI_CARGO" in caught.value.remedy


def test_target_is_checked_by_its_libraries(machine: Machine) -> None:
    cargo = machine.toolchain(machine.root / "liar", version="9.9.9", target=False)
    machine.path.append(cargo.parent)
    with pytest.raises(ToolchainError, match="lacks the target"):
        find_toolchain(machine.environ)


def test_too_old_toolchain(machine: Machine) -> None:
    machine.path.append(machine.toolchain(machine.root / "old", version="1.62.1").parent)
    with pytest.raises(ToolchainError, match=r"1\.62\.1.* is older than 1\.63"):
        find_toolchain(machine.environ)


def test_rustc_that_is_a_link(machine: Machine) -> None:
    cargo = machine.toolchain(machine.root / "cellar")
    links = machine.root / "links"
    links.mkdir()
    for name in ("cargo", "rustc"):
        (links / name).symlink_to(cargo.with_name(name))
    machine.path.append(links)
    assert find_toolchain(machine.environ).rustc == cargo.with_name("rustc")


def test_missing_c_compiler(machine: Machine) -> None:
    machine.rustup("stable-x")
    (machine.root / "base" / "cc").unlink()
    with pytest.raises(ToolchainError, match="C compiler"):
        find_toolchain(machine.environ)


def test_linker_for_webassembly(machine: Machine) -> None:
    cargo = machine.rustup("stable-x")
    (machine.root / "base" / "rust-lld").unlink()
    with pytest.raises(ToolchainError, match="neither rust-lld nor wasm-ld"):
        find_toolchain(machine.environ)
    wasm_ld = machine.program(machine.root / "base" / "wasm-ld")
    assert find_toolchain(machine.environ).linker == str(wasm_ld)
    machine.program(cargo.parents[1] / "lib" / "rustlib" / "x86_64-x" / "bin" / "rust-lld")
    assert find_toolchain(machine.environ).linker is None


@pytest.mark.cargo
def test_real_toolchain(toolchain: Toolchain) -> None:
    assert toolchain.cargo.is_file()
    assert toolchain.rustc.is_file()
    assert any(toolchain.target_libraries.glob("libcore-*.rlib"))


def test_toolchain_is_asked_in_its_own_process_group(machine: Machine) -> None:
    """A terminal sends SIGINT to every process of the program's group."""
    cargo = machine.rustup("stable-x")
    rustc = cargo.with_name("rustc")
    groups = machine.root / "groups"
    rustc.write_text(rustc.read_text().replace("\n", f"\nps -o pgid= -p $$ >> {groups}\n", 1))
    machine.path.append(Path("/usr/bin"))
    machine.path.append(Path("/bin"))
    assert find_toolchain(machine.environ).rustc == rustc
    asked = set(map(int, groups.read_text().split()))
    assert asked and os.getpgrp() not in asked
