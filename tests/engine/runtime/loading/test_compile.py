"""Compiling stays within limits, in a process that leaves nothing behind."""

import sys
import threading
from pathlib import Path

import pytest

from engine.errors import ContractError, SmartStreamError
from engine.process.job import Job, SupersededError
from engine.runtime.limits import WALL_PATIENCE, Limits
from engine.runtime.loading import compile_worker
from engine.runtime.loading.compile import LARGEST_HERE, load_module
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.configs import limited
from tests.engine.runtime.costly_modules import large, slow_to_compile
from tests.engine.runtime.wat_guests import SPIN, STACK, by_hand, compiled, guest, letters, when
from tests.processes import processes
from tests.waiting import PATIENCE, wait_until

SLOW = slow_to_compile(3_000)
LITTLE_TIME = limited(compile_seconds=0.3)
LITTLE_MEMORY = limited(compile_bytes=100 << 20)
PATIENT = Limits(compile_seconds=100, compile_bytes=8 << 30)

KEEPS_TO_MEMORY = pytest.mark.skipif(
    sys.platform == "darwin", reason="macOS does not limit the memory of a process"
)


def compilers(name: str) -> list[str]:
    """The processes that compile a module of that name."""
    running = (process.command for process in processes())
    return [command for command in running if compile_worker.__name__ in command and name in command]


@pytest.mark.parametrize("timed", [True, False])
@pytest.mark.parametrize("name", ["digit.wat", "fields.wat"])
def test_module_compiled_apart_evaluates_the_same(name: str, timed: bool) -> None:
    config = limited(timed=timed)
    records = letters("a1\xb2" * 30)
    with (
        SmartStream(by_hand(name), config=config) as here,
        SmartStream(by_hand(name), config=config, foreign=True) as apart,
    ):
        mine, theirs = here.evaluate(records), apart.evaluate(records)
    assert mine.verdicts.tolist() == theirs.verdicts.tolist()
    assert (mine.faults, mine.printed) == (theirs.faults, theirs.printed)


def test_findings_of_the_compiler_process_are_kept() -> None:
    initialize = '(func (export "_initialize") (global.set $sp (i32.const 4000)))'
    wasm = guest(when("t", "(unreachable)"), fields=STACK + initialize)
    with SmartStream(wasm, foreign=True) as stream:
        assert stream.evaluate(letters("ptp")).verdicts.tolist() == [1, 3, 1]
        assert stream.restarts == 0, "its stack pointer was reset"
    with SmartStream(guest(when("L", "(call $spin_for_ever) (i32.const 1)"), fields=SPIN), foreign=True) as s:
        assert s.evaluate(letters("pLp")).verdicts.tolist() == [1, 4, 1], "it can be ended"


def test_slow_compilation_is_refused() -> None:
    with pytest.raises(ContractError) as caught:
        SmartStream(SLOW, config=LITTLE_TIME, name="slow", foreign=True)
    assert caught.value.message == "slow takes longer than 300 ms to compile"
    assert caught.value.remedy == "divide its largest functions into smaller ones"
    assert not compilers('"slow"')


def test_static_data_above_the_memory_limit_is_refused_early() -> None:
    wasm = guest(memory="4000", fields=f'(data (i32.const 65536) "{"x" * LARGEST_HERE}")')
    for foreign in (False, True):
        with pytest.raises(ContractError) as caught:
            SmartStream(wasm, config=LITTLE_MEMORY, name="static", foreign=foreign)
        assert caught.value.message == "static starts with 250 MiB of memory, more than the limit of 64 MiB"
        assert "static data" in caught.value.remedy


@KEEPS_TO_MEMORY
def test_compilation_above_the_memory_limit_is_refused() -> None:
    with pytest.raises(ContractError) as caught:
        SmartStream(SLOW, config=LITTLE_MEMORY, name="hungry", foreign=True)
    assert caught.value.message == "hungry takes more than 100 MiB of memory to compile"
    assert not compilers('"hungry"')


@KEEPS_TO_MEMORY
def test_tiny_compile_memory_limit() -> None:
    with pytest.raises(ContractError, match="takes more than 10 MiB of memory to compile"):
        load_module(guest(), Limits(compile_bytes=10 << 20), "f", foreign=True)


def test_stalled_compiler_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runtime.loading.compile_apart.WALL_PATIENCE", 0.01)
    with pytest.raises(ContractError, match="takes longer than 300 ms to compile"):
        load_module(SLOW, LITTLE_TIME.limits, "still", foreign=True)
    assert not compilers('"still"')
    assert WALL_PATIENCE > 1


def test_native_code_is_not_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_DATA_HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    with SmartStream(guest(), foreign=True) as stream:
        stream.evaluate(letters("a"))
        assert list(tmp_path.rglob("*")) == []


def test_compiler_that_cannot_start(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("sys.executable", str(tmp_path / "none"))
    with pytest.raises(SmartStreamError, match="f cannot be compiled: No such file or directory") as caught:
        load_module(guest(), Limits(), "f", foreign=True)
    assert caught.value.remedy


def test_compiler_that_fails(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "python"
    supervised = f'if [ "$1" = -I ]; then exec {sys.executable} "$@"; fi'
    broken.write_text(f"#!/bin/sh\n{supervised}\necho oh no >&2\nexit 3\n")
    broken.chmod(0o700)
    monkeypatch.setattr("sys.executable", str(broken))
    with pytest.raises(SmartStreamError, match="f cannot be compiled: the compiler failed: oh no"):
        load_module(guest(), Limits(), "f", foreign=True)


def test_interpreter_that_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(SmartStreamError, match="f cannot be compiled: the compiler failed: its process was"):
        load_module(guest(), Limits(), "f", foreign=True)


def test_small_trusted_module_is_compiled_in_process() -> None:
    none = Limits(compile_seconds=0.001)
    load_module(guest(), none, "f").close()
    load_module(large(LARGEST_HERE // 2), none, "f").close()
    with pytest.raises(ContractError, match="takes longer than 1 ms to compile"):
        load_module(large(LARGEST_HERE), none, "f")


@pytest.mark.parametrize(
    ("wasm", "message"),
    [
        (by_hand("digit.wat")[:80], "f is not a valid WebAssembly module: unexpected end"),
        (compiled('(module (import "env" "now" (func)))'), "f imports env.now"),
        (compiled('(module (import "env" "\\1b[2J" (func)))'), r"f imports env.\x1b[2J"),
        (compiled(f'(module (import "env" "{"x" * 90_000}" (func)))'), f"f imports env.{'x' * 196}…"),
        (compiled("(module)"), "f does not export memory"),
        (guest(memory="65536"), "f starts with 4 GiB of memory, more than the limit of 64 MiB"),
    ],
    ids=["cut off", "import", "unprintable", "long", "exports", "memory"],
)
@pytest.mark.parametrize("foreign", [True, False])
def test_refusals_are_the_same_wherever_compiled(wasm: bytes, message: str, foreign: bool) -> None:
    with pytest.raises(ContractError) as caught:
        load_module(wasm, Limits(), "f", foreign=foreign)
    assert caught.value.message.startswith(message)
    assert caught.value.remedy


def test_endless_start_of_foreign_module_is_refused() -> None:
    loops = "(func $f (loop $again (br $again))) (start $f)"
    with pytest.raises(ContractError, match="instantiation took longer than 50 ms"):
        SmartStream(guest(fields=loops), config=limited(start_seconds=0.05), foreign=True)


def test_cancelled_job_ends_compilation() -> None:
    job = Job()
    ended: list[BaseException] = []

    def load() -> None:
        try:
            load_module(SLOW, PATIENT, "unwanted", foreign=True, job=job)
        except SupersededError as error:
            ended.append(error)

    thread = threading.Thread(target=load)
    thread.start()
    wait_until(lambda: compilers('"unwanted"'))
    job.cancel()
    thread.join(PATIENCE)
    assert ended
    assert not compilers('"unwanted"')
    with pytest.raises(SupersededError):
        load_module(guest(), PATIENT, "f", foreign=True, job=job)


def test_job_is_reusable_after_a_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    job = Job()
    with monkeypatch.context() as patch:
        patch.setattr("engine.runtime.loading.compile_apart.WALL_PATIENCE", 0.01)
        with pytest.raises(ContractError):
            load_module(SLOW, LITTLE_TIME.limits, "f", foreign=True, job=job)
    load_module(guest(), Limits(), "f", foreign=True, job=job).close()
