"""Modules for Fluvio are called for groups of records: each record has what it has on its own."""

import random
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from engine.builds.language import Target
from engine.records.batch import Batch, record_batch
from engine.records.verdicts import Status
from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import Shown, shown
from tests.engine.builds.rust.test_target_fluvio import built

pytestmark = [pytest.mark.cargo, pytest.mark.usefixtures("toolchain")]

START = """
use std::sync::atomic::{AtomicUsize, Ordering};
static CALLS: AtomicUsize = AtomicUsize::new(0);

fn seen(record: &Record) -> Result<String> {
    let call = CALLS.fetch_add(1, Ordering::Relaxed);
    let text = format!("{call} {} {} {:?}", record.offset(), record.timestamp(), record.key());
    if record.value().starts_with(b"e") { return Err(text.into()); }
    Ok(text)
}
"""
SOURCES = {
    "filter": "fn f(record: &Record) -> Result<bool> { Ok(seen(record)?.len() % 3 > 0) }",
    "map": """
        fn f(record: &Record) -> Result<(Option<Vec<u8>>, String)> {
            let text = seen(record)?;
            let repeated = text.repeat(record.value().len() % 40);
            Ok((record.key().map(|key| [key, b"+"].concat()), repeated))
        }
    """,
    "filter_map": """
        fn f(record: &Record) -> Result<Option<String>> {
            let text = seen(record)?;
            Ok(if record.value().len() % 2 == 0 { Some(text) } else { None })
        }
    """,
    "array_map": """
        fn f(record: &Record) -> Result<Vec<String>> {
            let text = seen(record)?;
            Ok(vec![text; record.value().len() % 3])
        }
    """,
    "aggregate": """
        fn f(total: String, record: &Record) -> Result<String> {
            Ok(format!("{:.40}", format!("{} {total}", seen(record)?)))
        }
    """,
}


def batches(seed: str) -> list[Batch]:
    """Offsets have gaps, times jump, also to before 1970, a tenth are errors, and some values are large."""
    dice, offset, made = random.Random(seed), 5, []
    for count in (2_000, 100, 3_000):
        values, offsets = [], []
        for _ in range(count):
            offset += 1 if dice.random() < 0.95 else dice.randrange(1, 1 << 40)
            offsets.append(offset)
            size = dice.randrange(60) if dice.random() < 0.99 else 20_000
            values.append((b"e" if dice.random() < 0.1 else b"v") * size)
        keys = dice.choices([None, b"", b"k" * 200, b"\xff"], k=count)
        times = [dice.choice([1_000, 2_000, -7, 1 << 45]) + n for n in range(count)]
        records = record_batch(values, keys=keys, timestamps=times)
        places = np.array(offsets, np.int64)
        made.append(Batch(partition=0, records=records, offsets=places, next_offset=offset + 1))
    return made


def outputs(wasm: bytes, given: Sequence[Batch]) -> list[Shown]:
    with SmartStream(wasm) as stream:
        return [shown(stream.evaluate(batch), batch) for batch in given]


@pytest.mark.parametrize("kind", SOURCES)
def test_each_record_is_evaluated_once_as_on_its_own(kind: str, tmp_path: Path, build_cache: Path) -> None:
    path = tmp_path / f"{kind}.rs"
    path.write_text(f"{START}\n#[smartstream({kind})]\n{SOURCES[kind]}")
    ours, for_fluvio = (built(path, build_cache, target) for target in (Target.FLUVIO_TUI, Target.FLUVIO))
    given = batches(kind)
    assert outputs(for_fluvio, given) == outputs(ours, given)


def test_a_trap_and_a_timeout_are_those_of_their_records(tmp_path: Path, build_cache: Path) -> None:
    path = tmp_path / "faulty.rs"
    path.write_text("""
    #[smartstream(map)]
    fn f(value: &str) -> usize {
        while value == "slow" { let _ = unsafe { std::ptr::read_volatile(&value) }; }
        assert_ne!(value, "trap");
        value.len()
    }
    """)
    faults = {700: b"trap", 1_500: b"slow", 2_310: b"trap", 2_311: b"trap", 2_999: b"trap"}
    batch = Batch.consecutive(0, 9, record_batch([faults.get(n, b"%d" % n) for n in range(3_000)]))
    config = ModuleConfig(limits=Limits(record_seconds=0.1))
    with SmartStream(built(path, build_cache, Target.FLUVIO), config=config) as stream:
        evaluation = stream.evaluate(batch)
    statuses = {b"trap": Status.TRAP, b"slow": Status.TIMEOUT}
    assert {fault.index: fault.verdict.name for fault in evaluation.faults} == {
        index: statuses[value].name for index, value in faults.items()
    }
    made = evaluation.outputs.records(batch.records).column("value").to_pylist()
    assert made == [b"%d" % len(b"%d" % n) for n in range(3_000) if n not in faults]
