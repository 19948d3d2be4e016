"""A filtered consumer and builds made from WAT that a test hands to it: no cargo takes part."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import wasmtime

from engine.builds.build import BuildRequest, BuildResult, Builds, OnBuild
from engine.errors import BuildError
from engine.live.evaluation.filter_consumer import FilterConsumer
from engine.live.evaluation.snapshot import ConsumerSnapshot
from engine.live.evaluation.status import Stopped
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Verdict
from tests.waiting import wait_for


def module(evaluate: str) -> bytes:
    """A filter whose verdict on the record with offset `$offset` is the i32 that `evaluate` leaves."""
    return bytes(
        wasmtime.wat2wasm(
            f"""
            (module
              (memory (export "memory") 64)
              (func (export "smartstream_abi") (result i32) (i32.const 1))
              (func (export "smartstream_alloc") (param i32) (result i32) (i32.const 1024))
              (func (export "smartstream_filter") (param $header i32) (result i32)
                (local $i i32) (local $end i32) (local $offset i32)
                (local.set $i (i32.load offset=8 (local.get $header)))
                (local.set $end (i32.load offset=12 (local.get $header)))
                (loop $next
                  (i32.store (i32.load offset=60 (local.get $header)) (local.get $i))
                  (local.set $offset
                    (i32.add (i32.wrap_i64 (i64.load offset=16 (local.get $header))) (local.get $i)))
                  (i32.store8
                    (i32.add (i32.load offset=56 (local.get $header)) (local.get $i))
                    {evaluate})
                  (local.set $i (i32.add (local.get $i) (i32.const 1)))
                  (br_if $next (i32.lt_u (local.get $i) (local.get $end))))
                (local.get $end)))
            """
        )
    )


EVEN = module("(i32.eqz (i32.and (local.get $offset) (i32.const 1)))")
ODD = module("(i32.and (local.get $offset) (i32.const 1))")
BREACH = module("(i32.const 77)")


def slow(rounds: int) -> bytes:
    """A filter that passes everything, after so many rounds of a loop for each record."""
    return module(
        f"(block (result i32) (local.set $offset (i32.const {rounds}))"
        " (loop $spin (br_if $spin (local.tee $offset (i32.sub (local.get $offset) (i32.const 1)))))"
        " (i32.const 1))"
    )


SLOW = slow(20_000)
TRAPS_AT_TENS = module(
    "(if (result i32) (i32.eqz (i32.rem_u (local.get $offset) (i32.const 10)))"
    " (then (unreachable)) (else (i32.const 1)))"
)


@dataclass
class ScriptedBuilds(Builds):
    """A source whose builds the test hands out."""

    deliver: OnBuild
    asked: int = 0
    version: int = 0
    closed: bool = False

    def start(self) -> None:
        """What is built is the test's to say."""

    def rebuild(self) -> None:
        self.asked += 1

    def close(self) -> None:
        self.closed = True

    def begin(self) -> None:
        self.version += 1
        self.deliver(self._request(self.version))

    def say(self, doing: str) -> None:
        self.deliver(replace(self._request(self.version), doing=doing))

    def finish(self, version: int, wasm: bytes, *, unsaved: bool = False) -> None:
        self.deliver(replace(self._request(version).ended(wasm=wasm), saved=None if unsaved else time.time()))

    def ready(self, wasm: bytes) -> None:
        self.begin()
        self.finish(self.version, wasm)

    def failed(self) -> None:
        self.begin()
        self.deliver(self._request(self.version).ended(error=BuildError("it does not build")))

    def _request(self, version: int) -> BuildRequest:
        return request(version, trigger="f.rs saved", started=time.time() - 0.1)


def request(version: int, *, trigger: str = "first build", started: float = 0.0) -> BuildRequest:
    return BuildRequest(version=version, path=Path("f.rs"), trigger=trigger, started=started)


def ready(version: int, wasm: bytes = b"wasm") -> BuildResult:
    return request(version).ended(wasm=wasm)


@dataclass
class Bench:
    window: Window
    consumer: FilterConsumer
    builds: ScriptedBuilds
    wakes: list[float]

    def produce(self, count: int) -> None:
        base = self.window.end_row
        self.window.append(Batch.consecutive(0, base, record_batch([b"v"] * count, timestamps=0)))

    def wait(self, wanted: Callable[[ConsumerSnapshot], bool]) -> ConsumerSnapshot:
        return wait_for(self.consumer.snapshot, wanted)

    def wait_evaluated(self, rows: int) -> ConsumerSnapshot:
        return self.wait(lambda s: s.first_row + len(s.verdicts) >= rows)


def passed(snapshot: ConsumerSnapshot) -> list[int]:
    return [snapshot.first_row + i for i, verdict in enumerate(snapshot.verdicts) if verdict == Verdict.PASS]


def resumable(snapshot: ConsumerSnapshot) -> bool:
    return isinstance(snapshot.status, Stopped) and snapshot.status.resumable


def has_room(window: Window) -> bool:
    """Whether a replay waits for no reader of the window."""
    full: list[bool] = []
    window.wait_for_room(window.limits.rows, 0, unless=lambda: full.append(True) or True)  # type: ignore[func-returns-value]
    return not full
