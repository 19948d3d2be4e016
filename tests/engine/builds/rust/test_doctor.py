"""What the doctor sees, and what it installs: with programs that write down how they were called."""

import os
from pathlib import Path

import pytest

from engine.builds.doctor import checks, fix
from engine.builds.language import Check
from engine.builds.rust import doctor
from engine.builds.rust.build_cache import builds_folder
from engine.builds.rust.toolchain import TARGET
from engine.errors import ToolchainError
from tests.engine.builds.rust.test_pruning import libraries
from tests.engine.builds.rust.test_toolchain import Machine, machine

__all__ = ["machine"]


def told(machine: Machine) -> list[str]:
    """How the fake programs were called."""
    log = machine.root / "log"
    return log.read_text().splitlines() if log.exists() else []


def installer(machine: Machine, name: str, then: str = "exit 0") -> Path:
    path = machine.root / "base" / name
    return machine.program(path, f'echo "{name} $*" >> {machine.root}/log\necho "{name} at work"\n{then}')


def comes_with_debian(machine: Machine) -> str:
    """A line of shell after which the distribution's toolchain is there."""
    usr = machine.toolchain(machine.root / "usr").parents[1]
    packed = usr.rename(machine.root / "packed")
    return f"/bin/mv {packed} {usr}"


def ignore(line: str) -> None:
    """Takes what is reported."""


def by_name(found: tuple[Check, ...]) -> dict[str, Check]:
    return {check.name: check for check in found}


def test_complete_machine(machine: Machine) -> None:
    machine.rustup("stable-x")
    machine.rustup("nightly-x", target=False)
    machine.settings["FLUVIO_TUI_CACHE"] = str(machine.root / "cache")
    machine.settings["TERM"] = "xterm"
    found = by_name(checks(machine.environ))
    assert all(check.ok for check in found.values())
    assert all(not check.remedy for check in found.values())
    assert "rustc 1.80.0" in found["Rust"].found
    assert "rustup (stable-x)" in found["Rust"].found
    assert found[TARGET].found.endswith(f"stable-x/lib/rustlib/{TARGET}/lib")
    assert "nightly-x" in found["Rust, not used"].found
    assert found["C compiler"].found == str(machine.root / "base" / "cc")
    assert found["build cache"].found == f"{machine.root / 'cache'}, 0 sets of libraries, 0 B"
    assert found["terminal"].found.startswith("xterm")


def test_the_build_cache_and_what_it_holds(machine: Machine) -> None:
    cache = machine.root / "cache"
    machine.settings["FLUVIO_TUI_CACHE"] = str(cache)
    for name in ("sdk", "crates"):
        libraries(builds_folder(cache), name, days=0, size=3 << 20)
    cache.chmod(0o700)
    assert by_name(checks(machine.environ))["build cache"].found == f"{cache}, 2 sets of libraries, 6 MiB"


def test_empty_machine(machine: Machine) -> None:
    (machine.root / "base" / "cc").unlink()
    (machine.root / "cache").write_text("in the way")
    machine.settings["FLUVIO_TUI_CACHE"] = str(machine.root / "cache")
    found = by_name(checks(machine.environ))
    missing = {name for name, check in found.items() if not check.ok}
    assert missing == {"Rust", "C compiler", "build cache"}
    assert all(found[name].remedy or found[name].fixable for name in missing)


def test_fix_with_nothing_missing(machine: Machine) -> None:
    machine.rustup("stable-x")
    installer(machine, "rustup")
    lines: list[str] = []
    fix(lines.append, machine.environ)
    assert lines == ["The Rust toolchain is complete: nothing to install"]
    assert told(machine) == []


def test_fix_prefers_rustup(machine: Machine) -> None:
    libraries = machine.rustup("stable-x", target=False).parents[1] / "lib" / "rustlib" / TARGET / "lib"
    installer(machine, "rustup", f"/bin/mkdir -p {libraries}; : > {libraries}/libstd-0123.rlib")
    installer(machine, "apt-get")
    lines: list[str] = []
    fix(lines.append, machine.environ)
    assert told(machine) == [f"rustup target add {TARGET}"]
    assert lines[0].endswith(f"rustup target add {TARGET}")
    assert lines[1] == "rustup at work"


def test_fix_installs_debian_packages(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    machine.rustup("stable-x", target=False)
    installer(machine, "rustup", "exit 1")
    installer(machine, "apt-get", f'case "$*" in *install*) {comes_with_debian(machine)};; esac')
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    fix(ignore, machine.environ)
    assert told(machine) == [
        f"rustup target add {TARGET}",
        "apt-get -o DPkg::Lock::Timeout=120 update",
        "apt-get -o DPkg::Lock::Timeout=120 install -y --no-remove --no-install-recommends "
        "rustc cargo libstd-rust-dev-wasm32 lld",
    ]


def test_fix_uses_sudo_unless_root(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    (machine.root / "base" / "cc").unlink()
    then = f"{comes_with_debian(machine)}; : > {machine.root}/base/cc; /bin/chmod +x {machine.root}/base/cc"
    installer(
        machine,
        "apt-get",
        f'echo "as $DEBIAN_FRONTEND" >> {machine.root}/log\ncase "$*" in *install*) {then};; esac',
    )
    installer(machine, "sudo", 'while [ "$1" = -n ]; do shift; done; exec "$@"')
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    fix(ignore, machine.environ)
    called = told(machine)
    assert [line.split()[0] for line in called] == ["sudo", "apt-get", "as"] * 2
    assert called[2] == "as noninteractive"
    assert called[0].startswith("sudo -n /usr/bin/env DEBIAN_FRONTEND=noninteractive ")
    assert called[4].endswith(" rustc cargo libstd-rust-dev-wasm32 lld gcc libc6-dev")


def test_fix_says_what_to_run_by_hand(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)

    def remedy() -> str:
        with pytest.raises(ToolchainError, match="could not be installed") as caught:
            fix(ignore, machine.environ)
        return caught.value.remedy

    assert "rustup" in remedy()
    installer(machine, "rustup", "exit 1")
    assert remedy() == f"Run, with a connection to the internet: rustup target add {TARGET}"
    installer(machine, "apt-get")
    assert remedy() == (
        "Run as root: apt-get update && apt-get install rustc cargo libstd-rust-dev-wasm32 lld"
    )
    assert not any(line.startswith("apt-get") for line in told(machine)), "without root and sudo"
    (machine.root / "base" / "apt-get").unlink()
    (machine.root / "base" / "cc").unlink()
    assert "C compiler" in remedy()


def test_fix_with_packages_that_do_not_help(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    installer(machine, "apt-get", "exit 100")
    with pytest.raises(ToolchainError, match="could not be installed"):
        fix(ignore, machine.environ)
    assert len(told(machine)) == 1, "nothing is installed after an update that failed"


def test_fix_leaves_named_cargo_alone(machine: Machine) -> None:
    installer(machine, "rustup")
    machine.settings["FLUVIO_TUI_CARGO"] = "/nowhere/cargo"
    with pytest.raises(ToolchainError, match="/nowhere/cargo") as caught:
        fix(ignore, machine.environ)
    assert "unset FLUVIO_TUI_CARGO" in caught.value.remedy
    assert told(machine) == []


def test_fix_limits_time_of_rustup(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_RUSTUP_SECONDS", 0.2)
    installer(machine, "rustup", "exec /bin/sleep 60")
    with pytest.raises(ToolchainError):
        fix(ignore, machine.environ)
