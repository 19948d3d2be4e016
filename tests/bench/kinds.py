"""Evaluating decoded batches with each kind of SmartStream, and with a chain of three."""

from pathlib import Path

from engine.records.batch import Batch, record_batch
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.smartstream import SmartStream
from tests.bench.report import in_turn, ratio, table
from tests.bench.transforms import RECORDS, TURNS, orders, rate, turn_of
from tests.engine.builds.build_once import build_once

SOURCES = {
    "filter": """
        #[smartstream(filter)]
        fn even(value: &[u8]) -> bool { value[13] % 2 == 0 }
    """,
    "map": """
        #[smartstream(map)]
        fn upper(value: &[u8]) -> Vec<u8> { value.to_ascii_uppercase() }
    """,
    "filter_map": """
        #[smartstream(filter_map)]
        fn even(value: &[u8]) -> Option<Vec<u8>> {
            if value[13] % 2 == 0 { Some(value.to_ascii_uppercase()) } else { None }
        }
    """,
    "array_map": """
        #[smartstream(array_map)]
        fn parts(value: &[u8]) -> Vec<Vec<u8>> {
            value.chunks(4).map(|part| part.to_vec()).chain([vec![]]).collect()
        }
    """,
    "aggregate": """
        #[smartstream(aggregate)]
        fn sum(total: i64, value: &str) -> Result<i64> { Ok(total + value[6..14].parse::<i64>()?) }
    """,
}
OUTPUTS = 10
"""Of each record, by the array_map."""
EXPECTED = {
    "map": "expected at least 8 M/s",
    "filter_map": "expected at least 8 M/s",
}


def run(folder: Path) -> None:
    """Measure and print."""
    modules = {kind: _built(folder, kind) for kind in SOURCES}
    batch = Batch.consecutive(0, 0, record_batch(orders(), timestamps=0))
    transforms: dict[str, Transform] = {kind: SmartStream(wasm) for kind, wasm in modules.items()}
    steps = [SmartStream(modules[kind]) for kind in ("filter", "map", "filter_map")]
    transforms["chain of three"] = Chain(steps)
    _check(transforms, batch)
    samples = dict(
        zip(transforms, in_turn(TURNS, *(turn_of(one, batch) for one in transforms.values())), strict=True)
    )
    for transform in transforms.values():
        transform.close()
    table(
        f"Evaluating {RECORDS:,} records of 35 bytes by kind, median of {TURNS} turns",
        [(_described(name), rate(found), EXPECTED.get(name, "")) for name, found in samples.items()]
        + [
            (f"{name} / filter", f"{ratio(samples['filter'], found):.2f}", "")
            for name, found in samples.items()
            if name != "filter"
        ],
    )


def _built(folder: Path, kind: str) -> bytes:
    source = folder / f"{kind}.rs"
    source.write_text(SOURCES[kind])
    wasm = build_once(source).wasm
    assert wasm is not None, f"the benchmark's {kind} does not build"
    return wasm


def _check(transforms: dict[str, Transform], batch: Batch) -> None:
    """Each makes the records that it should; also warms up."""
    counts = dict.fromkeys(transforms, RECORDS)
    counts |= dict.fromkeys(("filter", "filter_map", "chain of three"), RECORDS // 2)
    counts["array_map"] = OUTPUTS * RECORDS
    for name, transform in transforms.items():
        evaluation = transform.evaluate(batch)
        assert (len(evaluation.outputs.source), evaluation.faults) == (counts[name], ()), name


def _described(name: str) -> str:
    return f"array_map, {OUTPUTS} outputs each" if name == "array_map" else name
