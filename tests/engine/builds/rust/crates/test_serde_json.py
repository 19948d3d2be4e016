"""What a SmartStream reads of JSON without a crate is what serde_json reads."""

import json
import os
import random
from pathlib import Path

import pytest

from engine.builds.rust.toolchain import Toolchain
from engine.records.batch import Batch, record_batch
from engine.runtime.limits import Limits
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.build_once import build_once
from tests.engine.builds.rust.test_json import document, dumped, unique

pytestmark = pytest.mark.cargo

COMPARED = r"""---
[dependencies]
serde_json = { version = "1", features = ["float_roundtrip"] }
---
use serde_json::Value;

/// The path of the first value that is read otherwise; nothing of a text that is no JSON.
#[smartstream(filter_map)]
fn compared(record: &Record) -> Option<String> {
    let value: Value = serde_json::from_slice(record.value()).ok()?;
    Some(difference(record, String::new(), &value).unwrap_or_else(|| "equal".into()))
}

fn difference(record: &Record, path: String, value: &Value) -> Option<String> {
    let found = record.json(&path);
    let items = value.as_array().map_or(0, |items| items.len());
    // serde_json takes -0 for a float.
    let minus_zero = found.as_i64() == Some(0) && value.as_f64() == Some(0.0);
    let whole = found.as_i64() == value.as_i64() || minus_zero;
    let same = found.exists()
        && whole
        && found.as_f64().map(f64::to_bits) == value.as_f64().map(f64::to_bits)
        && found.as_bool() == value.as_bool()
        && found.is_null() == value.is_null()
        && found.as_str().as_deref() == value.as_str()
        && found.items().count() == items;
    if !same {
        return Some(format!("differs at {path}"));
    }
    match value {
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(at, item)| difference(record, format!("{path}[{at}]"), item))
        }
        Value::Object(fields) => fields
            .iter()
            .filter(|(name, _)| !name.contains("\"]"))
            .find_map(|(name, field)| difference(record, format!("{path}[\"{name}\"]"), field)),
        _ => None,
    }
}
"""


@pytest.mark.usefixtures("crates_io")
def test_every_value_of_a_document_is_what_serde_json_reads(
    tmp_path: Path, build_cache: Path, toolchain: Toolchain
) -> None:
    path = tmp_path / "compared.rs"
    path.write_text(COMPARED)
    environ = {**os.environ, "FLUVIO_TUI_CARGO": str(toolchain.cargo)}
    build = build_once(path, cache=build_cache, environ=environ, limits=Limits(build_scripts=True))
    assert build.wasm is not None, build
    chance = random.Random(14)
    texts = [text for _ in range(12_000) if names_are_unique(text := damaged(chance))]
    batch = Batch.consecutive(0, 0, record_batch(texts))
    with SmartStream(build.wasm) as stream:
        evaluation = stream.evaluate(batch)
    assert evaluation.faults == ()
    outputs = evaluation.outputs
    said = outputs.records(batch.records).column("value").to_pylist()
    read = [(answer, texts[index]) for index, answer in zip(outputs.source, said, strict=True)]
    assert [case for case in read if case[0] != b"equal"] == []
    assert len(read) > len(texts) // 3


def damaged(chance: random.Random) -> bytes:
    """A document, half of them with some bytes replaced."""
    text = bytearray(dumped(chance, document(chance)))
    for _ in range(chance.choice([0, 0, 1, 3])):
        at = chance.randrange(len(text) + 1)
        text[at : at + chance.randrange(3)] = bytes(
            chance.choices(b'"\\[]{},:u0\xff dE-+.1', k=chance.randrange(3))
        )
    return bytes(text)


def names_are_unique(text: bytes) -> bool:
    """As far as Python reads it: of two fields of a name, each reader takes another one."""
    try:
        json.loads(text, object_pairs_hook=unique)
    except ValueError:
        return text.count(b":") < 2
    return True
