"""Fluvio's own engine, and modules of Fluvio's SDK: built from crates.io, to compare with."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from engine.builds.rust.toolchain import TARGET, find_toolchain
from engine.records.batch import Batch
from engine.runtime.config import ModuleConfig

WORKSPACE = Path(__file__).parent / "fluvio_peer"
SOURCES = WORKSPACE / "modules"
OLDEST_RUST = (1, 86)
REQUIRED = "FLUVIO_TUI_REQUIRE_CRATES"
"""Set it where a missing crates.io is a failure."""


class OutOfReachError(Exception):
    """Why nothing can be built."""


class RefusedError(Exception):
    """What the engine says of a chain that does not start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """The error that ended a batch."""

    hint: str
    offset: int
    kind: str
    key: bytes | None
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What the engine made of a batch."""

    records: list[tuple[int, int, bytes | None, bytes]]
    """Offset, timestamp, key and value."""
    error: Failure | None
    failed: str | None
    """Why the call failed as a whole."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """What was built."""

    program: Path
    modules: Path

    @classmethod
    def built(cls) -> Self:
        """Build it unless that was done before: some minutes; `OutOfReachError`."""
        toolchain = find_toolchain()
        if toolchain.release < OLDEST_RUST:
            needed = ".".join(map(str, OLDEST_RUST))
            raise OutOfReachError(f"needs Rust {needed} or newer: {toolchain.cargo} is {toolchain.version}")
        environ = {**os.environ, "RUSTC": str(toolchain.rustc)}

        def cargo(*arguments: str) -> subprocess.CompletedProcess[str]:
            command = [toolchain.cargo, *arguments, "--locked"]
            return subprocess.run(command, cwd=WORKSPACE, env=environ, capture_output=True, text=True)

        fetched = cargo("fetch")
        if fetched.returncode:
            raise OutOfReachError(f"crates.io is out of reach: {fetched.stderr.strip()}")
        for arguments in (
            ["--release", "--package=fluvio_peer"],
            ["--profile=module", "--package=modules", "--examples", f"--target={TARGET}"],
        ):
            done = cargo("build", *arguments)
            assert done.returncode == 0, done.stderr
        target = Path(os.environ.get("CARGO_TARGET_DIR", WORKSPACE / "target"))
        return cls(
            program=target / "release" / "fluvio_peer", modules=target / TARGET / "module" / "examples"
        )

    def module(self, kind: str) -> Path:
        """The module of Fluvio's SDK from `SOURCES`."""
        return self.modules / f"{kind}.wasm"


class FluvioEngine:
    """The engine, in a process of its own."""

    def __init__(self, peer: Peer) -> None:
        # What goes wrong in it, it also answers.
        self._process = subprocess.Popen(
            [peer.program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate()

    def run(
        self,
        steps: Sequence[tuple[Path, ModuleConfig]],
        batches: Sequence[Batch],
        stored: Batch | None = None,
    ) -> list[Made]:
        """What a chain makes of batches; `RefusedError`. Every step looks back at all of `stored`."""
        outcome = self._ask(
            {
                "steps": [_step(module, config) for module, config in steps],
                "stored": _records(stored, 0) if stored is not None else [],
                "batches": [_batch(batch) for batch in batches],
            }
        )
        if "refused" in outcome:
            raise RefusedError(outcome["refused"])
        return [_made(made, batch) for made, batch in zip(outcome["made"], batches, strict=True)]

    def again(self) -> float:
        """Seconds that the batches of the last run take again."""
        return float(self._ask(None))

    def _ask(self, job: dict[str, Any] | None) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write("\n" if job is None else json.dumps(job) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, "the program ended"
        return json.loads(line)


def _step(module: Path, config: ModuleConfig) -> dict[str, Any]:
    look_back = config.look_back
    return {
        "module": str(module),
        "params": list(config.params.items()),
        "accumulator": config.aggregate_initial.decode(),
        "look_back": look_back and (look_back.last or 0, look_back.age_ms),
    }


def _base_timestamp(batch: Batch) -> int:
    return int(batch.records.column("timestamp")[0].as_py()) if len(batch) else 0


def _batch(batch: Batch) -> dict[str, Any]:
    base = _base_timestamp(batch)
    return {
        "base_offset": batch.first_offset if len(batch) else 0,
        "base_timestamp": base,
        "records": _records(batch, base),
    }


def _records(batch: Batch, base_timestamp: int) -> list[dict[str, Any]]:
    keys, values, timestamps = (
        batch.records.column(name).to_pylist() for name in ("key", "value", "timestamp")
    )
    return [
        {
            "offset": index,
            "timestamp": timestamp - base_timestamp,
            "key": None if key is None else list(key),
            "value": list(value),
        }
        for index, (key, value, timestamp) in enumerate(zip(keys, values, timestamps, strict=True))
    ]


def _made(made: dict[str, Any], batch: Batch) -> Made:
    base_offset, base_timestamp = batch.first_offset, _base_timestamp(batch)
    error = made["error"]
    return Made(
        records=[
            (
                base_offset + record["offset"],
                base_timestamp + record["timestamp"],
                _bytes(record["key"]),
                bytes(record["value"]),
            )
            for record in made["records"]
        ],
        error=error and Failure(**{**error, "key": _bytes(error["key"]), "value": bytes(error["value"])}),
        failed=made["failed"],
    )


def _bytes(numbers: list[int] | None) -> bytes | None:
    return None if numbers is None else bytes(numbers)
