"""Builds a SmartStream of any kind, and shows what it puts out."""

from collections.abc import Sequence
from typing import Any, TypeAlias

from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.conftest import BuildFilter

Shown: TypeAlias = list[Any]
"""Of an output: the index of its input, its key, its value. Of a fault: its message."""


def batch_of(values: Sequence[bytes | None], keys: Sequence[bytes | None] | None = None) -> Batch:
    """Records of partition 2 from offset 100 on, stamped 1,000 ms, 1,001 ms, …"""
    stamps = range(1000, 1000 + len(values))
    return Batch.consecutive(2, 100, record_batch(values, keys=keys, timestamps=stamps))


def shown(evaluation: Evaluation, batch: Batch) -> Shown:
    """Outputs and the messages of faults, by their inputs."""
    records = evaluation.outputs.records(batch.records)
    keys, values = records.column("key").to_pylist(), records.column("value").to_pylist()
    outputs = zip(evaluation.outputs.source.tolist(), keys, values, strict=True)
    entries: list[tuple[int, Any]] = [(output[0], output) for output in outputs]
    entries += [(fault.index, fault.message) for fault in evaluation.faults]
    return [entry for _, entry in sorted(entries, key=lambda entry: entry[0])]


def run(
    build_filter: BuildFilter,
    source: str,
    values: Sequence[bytes | None],
    keys: Sequence[bytes | None] | None = None,
    config: ModuleConfig | None = None,
) -> Shown:
    """Build a file without a warning, and let it evaluate some records."""
    build = build_filter(source)
    assert build.diagnostics == (), build.diagnostics[0].rendered
    assert build.wasm is not None, build
    batch = batch_of(values, keys)
    with SmartStream(build.wasm, name="sf1.rs", config=config) as stream:
        return shown(stream.evaluate(batch), batch)
