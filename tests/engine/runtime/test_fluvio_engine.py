"""Fluvio's own engine and this one, on the same records: `make peer` runs these.

Each source is built by Fluvio's SDK, and run in Fluvio's engine and here; for this program; and by this
program for Fluvio's engine. All do the same, but for what is different on purpose:

- a batch ends in Fluvio at its first error, and goes on here;
- the outputs of an array_map have the offset and the time of their batch in Fluvio, and of their record here;
- an error in a chain hands out in Fluvio what the step had made, past the later steps.
"""

import os
import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from engine.builds.from_file import InlineSource
from engine.builds.language import Target
from engine.errors import InitError, LookBackError
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.runtime.chain import Chain
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.fluvio_engine import (
    REQUIRED,
    SOURCES,
    Failure,
    FluvioEngine,
    Made,
    OutOfReachError,
    Peer,
    RefusedError,
)

pytestmark = [pytest.mark.peer, pytest.mark.cargo, pytest.mark.timeout(3600)]

NUMBERS = [b"0", b"12", b"-7", b" 8", b"30001"]
TEXTS = [b"", b"a word", b"two  words", b"\xc3\xa9 a", b"x" * 300, b"word" * 10_000]
BYTES = [b"", b"\x00\xff", b"\xff\xfe\xfd" * 50, b"a", b"\x80" * 40_000]
GOOD = {"filter": TEXTS, "map": BYTES, "filter_map": NUMBERS, "array_map": TEXTS, "aggregate": NUMBERS}
BAD = {
    "filter": [b"\xff"],
    "map": [b"e", b"error\xff"],
    "filter_map": [b"", b"one", b"\xc0"],
    "array_map": [b"a \xff"],
    "aggregate": [b"", b"1.5", b"\xff"],
}
KEYS = [None, None, b"", b"k", b"\xff\x00", b"key" * 100]
CONFIGS = {
    "filter": ModuleConfig(params={"word": "a", "other": ""}, look_back=LookBack(last=3)),
    "aggregate": ModuleConfig(aggregate_initial=b"-100"),
}
STORED = Batch.consecutive(0, 10, record_batch([b"", b"kept", b"x" * 300], timestamps=[7, 8, 9]))


@pytest.fixture(scope="session")
def peer() -> Peer:
    try:
        return Peer.built()
    except OutOfReachError as error:
        if os.environ.get(REQUIRED):
            pytest.fail(str(error))
        pytest.skip(str(error))


@pytest.fixture
def fluvio(peer: Peer) -> Iterator[FluvioEngine]:
    with FluvioEngine(peer) as engine:
        yield engine


def batches(kind: str, seed: str) -> list[Batch]:
    """Of any size, half of them with bad records."""
    dice = random.Random(seed)
    made, offset = [], 100
    for number in range(8):
        values = dice.choices(GOOD[kind], k=dice.randrange(1, 40))
        if number >= 6:
            # The adapter calls the module for several at once.
            values = dice.choices([value for value in GOOD[kind] if len(value) < 1000], k=300)
        if number % 2:
            values[dice.randrange(len(values))] = dice.choice(BAD[kind])
            values.append(dice.choice(BAD[kind]))
        stamps = [1_700_000_000_000 + dice.randrange(100_000) for _ in values]
        keys = dice.choices(KEYS, k=len(values))
        made.append(Batch.consecutive(0, offset, record_batch(values, keys=keys, timestamps=stamps)))
        offset += len(values)
    return made


def built(kind: str, target: Target, cache: Path, folder: Path) -> Path:
    compiled = InlineSource(SOURCES / f"{kind}.rs", cache=cache, target=target).build(Job())
    assert compiled.wasm is not None
    path = folder / f"{kind} for {target}.wasm"
    path.write_bytes(compiled.wasm)
    return path


def config_of(kind: str) -> ModuleConfig:
    return CONFIGS.get(kind, ModuleConfig())


def here(module: Path, kind: str, batches: Sequence[Batch]) -> list[Made]:
    """What this program makes of the records that Fluvio's engine gets to, in Fluvio's terms."""
    made = []
    with SmartStream(module.read_bytes(), config=config_of(kind)) as stream:
        if stream.looks_back:
            stream.look_back([STORED])
        for batch in batches:
            failed = next((n for n in range(len(batch)) if batch.value(n) in BAD[kind]), None)
            part = batch if failed is None else batch.slice(0, failed + 1)
            evaluation = stream.evaluate(part)
            assert [fault.index for fault in evaluation.faults] == [n for n in [failed] if n is not None]
            error = None
            for fault in evaluation.faults:
                record = part.record(fault.index)
                kind_name = "".join(word.title() for word in kind.split("_"))
                error = Failure(
                    hint=fault.message,
                    offset=record.offset,
                    kind=kind_name,
                    key=record.key,
                    value=record.value or b"",
                )
            outputs = evaluation.outputs.records(part.records).select(["timestamp", "key", "value"])
            offsets = [part.offset(int(source)) for source in evaluation.outputs.source]
            rows = [(offset, *row.values()) for offset, row in zip(offsets, outputs.to_pylist(), strict=True)]
            made.append(Made(records=rows, error=error, failed=None))
    return made


def comparable(kind: str, made: Sequence[Made]) -> list[object]:
    """Without the offsets and times of an array_map's outputs, which differ."""
    start = 2 if kind == "array_map" else 0
    return [([record[start:] for record in one.records], one.error, one.failed) for one in made]


@pytest.mark.parametrize("kind", GOOD)
def test_a_kind(kind: str, fluvio: FluvioEngine, peer: Peer, build_cache: Path, tmp_path: Path) -> None:
    given = batches(kind, kind)
    theirs = peer.module(kind)
    expected = comparable(kind, fluvio.run([(theirs, config_of(kind))], given, STORED))
    assert any(one.error for one in fluvio.run([(theirs, config_of(kind))], given, STORED))

    assert comparable(kind, here(theirs, kind, given)) == expected
    ours = built(kind, Target.FLUVIO_TUI, build_cache, tmp_path)
    assert comparable(kind, here(ours, kind, given)) == expected
    for_fluvio = built(kind, Target.FLUVIO, build_cache, tmp_path)
    assert comparable(kind, fluvio.run([(for_fluvio, config_of(kind))], given, STORED)) == expected
    assert comparable(kind, here(for_fluvio, kind, given)) == expected


def test_outputs_of_an_array_map_stand_elsewhere(fluvio: FluvioEngine, peer: Peer) -> None:
    module = peer.module("array_map")
    (batch,) = [Batch.consecutive(0, 100, record_batch([b"a", b"b"], timestamps=[1000, 1001]))]
    (made,) = fluvio.run([(module, ModuleConfig())], [batch])
    assert made.records == [(100, 1000, None, b"a"), (100, 1000, None, b"b")]
    (ours,) = here(module, "array_map", [batch])
    assert ours.records == [(100, 1000, None, b"a"), (101, 1001, None, b"b")]


def test_init_and_look_back_that_fail(
    fluvio: FluvioEngine, peer: Peer, build_cache: Path, tmp_path: Path
) -> None:
    modules = [
        peer.module("filter"),
        *(built("filter", target, build_cache, tmp_path) for target in (Target.FLUVIO_TUI, Target.FLUVIO)),
    ]
    (batch,) = [Batch.consecutive(0, 0, record_batch([b"a"], timestamps=[0]))]
    bad = Batch.consecutive(0, 0, record_batch([b"good", b"bad"], keys=[None, b"k"], timestamps=[0, 0]))
    attempts = [
        (ModuleConfig(), InitError, "Missing param word"),
        (ModuleConfig(params={"word": ""}), InitError, "an empty word"),
        (
            ModuleConfig(params={"word": "a"}, look_back=LookBack(last=2, age_ms=1500)),
            LookBackError,
            "bad record with key Some(1)",
        ),
    ]
    for module in modules:
        for config, error, text in attempts:
            with pytest.raises(error) as ours, SmartStream(module.read_bytes(), config=config) as stream:
                stream.look_back([bad])
            assert text in str(ours.value)
            if module != modules[1]:
                with pytest.raises(RefusedError, match=text.replace("(", r"\(").replace(")", r"\)")):
                    fluvio.run([(module, config)], [batch], bad)


CHAINS = [
    ("filter_map", "map"),
    ("filter", "array_map", "filter"),
    ("map", "map", "map"),
    ("filter_map", "aggregate"),
]


@pytest.mark.parametrize("kinds", CHAINS, ids="-".join)
def test_a_chain(
    kinds: tuple[str, ...], fluvio: FluvioEngine, peer: Peer, build_cache: Path, tmp_path: Path
) -> None:
    given = [batch for number, batch in enumerate(batches(kinds[0], "chain")) if number % 2 == 0]
    expected = fluvio.run([(peer.module(kind), config_of(kind)) for kind in kinds], given, STORED)
    assert any(made.records for made in expected)
    for_fluvio = [(built(kind, Target.FLUVIO, build_cache, tmp_path), config_of(kind)) for kind in kinds]
    made_there = fluvio.run(for_fluvio, given, STORED)
    start = 2 if "array_map" in kinds else 0
    for mine, theirs in zip(made_there, expected, strict=True):
        assert [record[start:] for record in mine.records] == [record[start:] for record in theirs.records]

    for target in (None, Target.FLUVIO_TUI):
        paths = [
            peer.module(kind) if target is None else built(kind, target, build_cache, tmp_path)
            for kind in kinds
        ]
        steps = [
            SmartStream(path.read_bytes(), config=config_of(kind))
            for path, kind in zip(paths, kinds, strict=True)
        ]
        for step in steps:
            if step.looks_back:
                step.look_back([STORED])
        chain = Chain(steps)
        for batch, theirs in zip(given, expected, strict=True):
            evaluation = chain.evaluate(batch)
            rows = evaluation.outputs.records(batch.records).select(["key", "value"]).to_pylist()
            assert list(evaluation.faults) == []
            assert [tuple(row.values()) for row in rows] == [record[2:] for record in theirs.records]
        chain.close()


def test_an_error_in_a_chain(fluvio: FluvioEngine, peer: Peer) -> None:
    kinds = ("map", "filter_map")
    modules = [(peer.module(kind), ModuleConfig()) for kind in kinds]
    batch = Batch.consecutive(0, 100, record_batch([b"1", b"e", b"3"], timestamps=[1000, 1001, 1002]))
    (made,) = fluvio.run(modules, [batch])
    assert made.error is not None
    assert (made.error.kind, made.error.offset, made.error.value) == ("Map", 101, b"e")
    # Past the second step, which takes nothing but numbers.
    assert [record[3] for record in made.records] == [b"100@1000 1"]
    chain = Chain([SmartStream(module.read_bytes()) for module, _ in modules])
    faults = list(chain.evaluate(batch).faults)
    chain.close()
    assert [(fault.index, fault.step) for fault in faults] == [(0, 1), (1, 0), (2, 1)]
    assert faults[1].message == made.error.hint
