"""What a SmartStream may use: options over the config file over the defaults, in each such command."""

import json
import signal
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from tests.engine.builds.test_build_once import ENDLESS
from tests.engine.runtime.wat_guests import SPIN, guest, when
from tests.tui.cli.conftest import InProcess, Program, read_until
from tests.tui.cli.test_demo import Open, temporary, terminal

__all__ = ["temporary", "terminal"]

TRAPS = when("x", "(unreachable)")
SPINS = when("s", "(block (result i32) (call $spin_for_ever) (i32.const 1))")


@pytest.fixture
def stored(program: Program, compiled_once: None) -> Program:
    """A topic, a SmartStream that traps on x, one that does not end on s, and one with 2 MiB of memory."""
    store = SmartStreamStore(program.data)
    add_module(store, "traps", guest(TRAPS), "f")
    add_module(store, "spins", guest(SPINS, fields=SPIN), "f")
    add_module(store, "large", guest(memory="32"), "f")
    program.topic("tp1", *[b"x"] * 5, b"y")
    return program


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "config.toml"
    monkeypatch.setenv("FLUVIO_TUI_CONFIG", str(path))
    return path


def consume(name: str, *options: str) -> list[str]:
    return ["consume", "tp1", "smartstream", "--use-filter", name, "-B", "-d", *options]


@pytest.mark.usefixtures("stored")
def test_consume_stops_a_filter_at_max_faults(here: InProcess, config: Path) -> None:
    config.write_text("[limits]\nmax-faults = 4\n")
    outcome = here.run(*consume("traps", "--max-faults", "3"))
    assert outcome.status == 1
    assert "stopped after 3 traps and timeouts in a row" in outcome.err
    assert "stopped after 4 traps and timeouts in a row" in here.run(*consume("traps")).err
    assert here.ok(*consume("traps", "--max-faults", "never")).out == b"y\n"
    config.write_text('[limits]\nmax-faults = "never"\n')
    assert here.ok(*consume("traps")).out == b"y\n"


@pytest.mark.usefixtures("stored")
def test_consume_limits_memory(here: InProcess, config: Path) -> None:
    config.write_text('[limits]\nmemory = "1MiB"\n')
    outcome = here.run(*consume("large"))
    assert outcome.status == 1
    assert "2 MiB" in outcome.err and "1 MiB" in outcome.err
    assert here.ok(*consume("large", "--memory", "4MiB")).out.endswith(b"y\n")


def test_followed_smartstream_keeps_the_limits(stored: Program) -> None:
    process = stored.start("consume", "tp1", "smartstream", "--use-filter", "traps", "-B", "--memory", "1MiB")
    assert read_until(process.stdout, b"y\n") == b"y\n"
    add_module(SmartStreamStore(stored.data), "traps", guest(memory="32"), "f")
    said = read_until(process.stderr, b"the previous version keeps running\n")
    assert b"more memory than" in said or b"1 MiB" in said
    stored.finish(process, signal.SIGTERM)


@pytest.mark.usefixtures("stored")
def test_smartstream_test_has_no_max_faults_by_default(here: InProcess, config: Path) -> None:
    config.write_text('[limits]\nrecord-time = "30s"\nmax-faults = 1\n')
    typed = [word for _ in range(3) for word in ("--text", "s")]
    tried = ["smartstream", "test", "spins", *typed, "--record-time", "20ms", "-O", "json"]
    outcome = here.run(*tried)
    assert [json.loads(line)["verdict"] for line in outcome.out.splitlines()] == ["timeout"] * 3
    assert "20 ms" in outcome.out.decode()
    stopped = here.run(*tried, "--max-faults", "2")
    assert stopped.status == 1
    assert "stopped after 2 traps and timeouts in a row" in stopped.err


def test_dashboard_keeps_the_limits(stored: Program, terminal: Open) -> None:
    screen = terminal("watch", "tp1", "-s", "traps", "--max-faults", "3")
    screen.wait_for("stopped after 3 traps")
    screen.type("q")
    assert screen.wait() == 0
    refused = terminal("watch", "tp1", "-s", "large", "--memory", "1MiB")
    assert refused.wait() == 1
    refused.wait_for("1 MiB")


@pytest.mark.cargo
def test_inline_filter_keeps_the_limits(
    stored: Program, build_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    (stored.cwd / "sf1.rs").write_text(
        '#[smartstream(filter)] pub fn f(value: &[u8]) -> bool { assert!(value != b"x"); true }'
    )
    line = ["consume", "tp1", "smartstream", "--inline-filter", "sf1.rs", "-B", "--max-faults", "3"]
    assert "stopped after 3 traps" in stored.run(*line, "-d").err
    watching = stored.start(*line, "--watch")
    read_until(watching.stderr, b"stopped after 3 traps")


def test_module_beyond_the_limits_is_not_stored(stored: Program, here: InProcess, config: Path) -> None:
    module = stored.cwd / "large.wasm"
    module.write_bytes(guest(memory="32"))
    add = ["smartstream", "add", "other", "--file", module]
    config.write_text('[limits]\nmemory = "1MiB"\n')
    assert "1 MiB" in here.run(*add).err
    assert "1 MiB" in here.run("smartstream", "describe", "large").err
    config.write_text('[limits]\ncompile-time = "1ms"\n')
    assert "takes longer than 1 ms to compile" in here.run(*add).err
    config.write_text("")
    here.ok(*add)


@pytest.mark.cargo
def test_build_keeps_to_the_limit_of_the_config_file(
    here: InProcess, config: Path, tmp_path: Path, build_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(build_cache))
    endless = tmp_path / "endless.rs"
    endless.write_text(ENDLESS)
    build = ["smartstream", "build", endless, "-o", tmp_path / "endless.wasm"]
    config.write_text('[limits]\nbuild-time = "2s"\n')
    assert "the build takes more than 2 s of CPU time" in here.run(*build).err


@pytest.mark.parametrize(
    "option, value, why",
    [
        ("--record-time", "0s", "1ms or more"),
        ("--record-time", "250", "a number and a unit"),
        ("--memory", "1kB", "64KiB to 4GiB"),
        ("--memory", "5GiB", "64KiB to 4GiB"),
        ("--max-faults", "0", "above 0, or never"),
        ("--max-faults", "many", "above 0, or never"),
    ],
)
def test_invalid_limits_are_rejected(here: InProcess, option: str, value: str, why: str) -> None:
    outcome = here.run(*consume("traps", option, value))
    assert outcome.status == 2
    assert why in outcome.err


def test_limits_need_a_filter(here: InProcess) -> None:
    outcome = here.run("consume", "tp1", "--record-time", "1s")
    assert outcome.status == 2
    assert "--record-time needs a SmartStream: add --inline FILE or --use NAME" in outcome.err


@pytest.mark.usefixtures("stored")
def test_broken_config_file_is_reported_and_the_rest_is_used(here: InProcess, config: Path) -> None:
    config.write_text('[limits]\nmax-faults = 3\nmemory = "lots"\n')
    outcome = here.run(*consume("traps"))
    assert f"fluvio-tui: {config}: limits.memory: invalid size 'lots'" in outcome.err
    assert "using 64MiB" in outcome.err
    assert "stopped after 3 traps" in outcome.err
    assert here.ok("consume", "tp1", "-B", "-d").err == "", "without a filter nothing in it matters"
