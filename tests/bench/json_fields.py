"""Reading fields of JSON values: by path without a crate, and with serde_json."""

from pathlib import Path

from engine.records.batch import Batch, record_batch
from engine.runtime.limits import Limits
from engine.runtime.smartstream import SmartStream
from tests.bench.report import in_turn, ratio, table
from tests.bench.transforms import RECORDS, TURNS, rate, turn_of
from tests.engine.builds.build_once import build_once

BY_PATH = """
#[smartstream(filter)]
fn large(record: &Record) -> bool {
    record.json("customer.city").as_str().as_deref() == Some("Lyon")
        && record.json("items[1].price").as_f64().map_or(false, |price| price > 5.0)
}
"""
WITH_SERDE = """---
[dependencies]
serde_json = "1"
---
#[smartstream(filter)]
fn large(record: &Record) -> bool {
    serde_json::from_slice::<serde_json::Value>(record.value()).map_or(false, |order| {
        order["customer"]["city"].as_str() == Some("Lyon")
            && order["items"][1]["price"].as_f64().map_or(false, |price| price > 5.0)
    })
}
"""


def run(folder: Path) -> None:
    """Measure and print."""
    batch = Batch.consecutive(0, 0, record_batch(_values(), timestamps=0))
    sources = {"by_path": BY_PATH, "with_serde": WITH_SERDE}
    modules = {name: _built(folder / f"{name}.rs", text) for name, text in sources.items()}
    if modules["with_serde"] is None:
        print("\nNot compared with serde_json, which cannot be built: is crates.io out of reach?")
        return
    streams = {name: SmartStream(wasm) for name, wasm in modules.items() if wasm is not None}
    passed = [stream.evaluate(batch).outputs.source.tolist() for stream in streams.values()]
    assert passed[0] == passed[1] != []
    ours, serde = in_turn(TURNS, *(turn_of(stream, batch) for stream in streams.values()))
    for stream in streams.values():
        stream.close()
    size = sum(map(len, _values())) // RECORDS
    table(
        f"Two fields of {RECORDS:,} JSON values of {size} bytes, median of {TURNS} turns",
        [
            ('record.json("…")', rate(ours), ""),
            ("serde_json::Value", rate(serde), ""),
            ('record.json("…") / serde_json', f"{ratio(serde, ours):.1f}", "expected at least 1"),
        ],
    )


def _built(path: Path, text: str) -> bytes | None:
    path.write_text(text)
    return build_once(path, limits=Limits(build_scripts=True)).wasm


def _values() -> list[bytes]:
    return [
        b'{"order": %d, "customer": {"name": "Ana", "city": "%s"}, "paid": true, "items": ['
        b'{"name": "tea", "price": 2.5}, {"name": "a \\"cup\\"", "price": %d.25}], "notes": ["", null]}'
        % (number, (b"Lyon", b"Bern")[number % 2], number % 11)
        for number in range(RECORDS)
    ]
