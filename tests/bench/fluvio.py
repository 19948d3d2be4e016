"""Fluvio's engine, from crates.io, and this one: on the same records."""

from contextlib import ExitStack
from pathlib import Path

from engine.builds.from_file import InlineSource
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.records.transform import Transform
from engine.runtime.chain import Chain
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.bench import kinds
from tests.bench.report import Samples, in_turn, ratio, table
from tests.bench.transforms import RECORDS, TURNS, orders, rate, turn_of
from tests.engine.runtime.fluvio_engine import SOURCES, FluvioEngine, OutOfReachError, Peer

CONFIG = ModuleConfig(aggregate_initial=b"0")

KINDS = {
    "even": "filter",
    "upper": "map",
    "even_upper": "filter_map",
    "parts": "array_map",
    "total": "aggregate",
}
"""By the name of a source in Fluvio's style: the one of `kinds` that does the same."""

CASES = {
    "filter": (["even"], 18),
    "map": (["upper"], 7),
    "filter_map": (["even_upper"], 7),
    "array_map, 10 outputs each": (["parts"], 5),
    "aggregate, a sum": (["total"], 10),
    "chain of three": (["even", "upper", "even_upper"], 5),
}
"""What is measured: the sources of its steps, and how often as fast as Fluvio's engine it should be."""
FOREIGN = 0.8
"""How often as fast as Fluvio's engine its modules should be here."""


def run(folder: Path) -> None:
    """Measure and print."""
    try:
        peer = Peer.built()
    except OutOfReachError as error:
        print(f"\nNot compared with Fluvio's engine: {error}")
        return
    batch = Batch.consecutive(0, 0, record_batch(orders(), timestamps=0))
    rows = []
    for name, (sources, expected) in CASES.items():
        theirs, announced, ours, foreign = _measured(peer, sources, batch, folder)
        rows += [
            (name, rate(theirs), "Fluvio's engine"),
            ("  in the announced style", rate(announced), ""),
            ("    / Fluvio's engine", f"{ratio(theirs, announced):.1f}", f"expected at least {expected}"),
            ("  the same source, built here", rate(ours), ""),
            ("    / Fluvio's engine", f"{ratio(theirs, ours):.1f}", ""),
            ("  built by Fluvio's SDK", rate(foreign), ""),
            ("    / Fluvio's engine", f"{ratio(theirs, foreign):.2f}", f"expected at least {FOREIGN}"),
        ]
    table(f"Fluvio's engine 0.50.1: {RECORDS:,} records of 35 bytes, median of {TURNS} turns", rows)


def _measured(peer: Peer, sources: list[str], batch: Batch, folder: Path) -> list[Samples]:
    modules = [peer.module(source) for source in sources]
    with ExitStack() as stack:
        engine = stack.enter_context(FluvioEngine(peer))
        (made,) = engine.run([(module, CONFIG) for module in modules], [batch])
        assert (made.error, made.failed) == (None, None)
        transforms = [
            _opened([_built(KINDS[source], kinds.SOURCES[KINDS[source]], folder) for source in sources]),
            _opened([_built(source, _source(source), folder) for source in sources]),
            _opened([module.read_bytes() for module in modules]),
        ]
        for transform in transforms:
            stack.callback(transform.close)
            outputs = transform.evaluate(batch).outputs.records(batch.records)
            assert outputs.column("value").to_pylist() == [value for *_, value in made.records]
        return in_turn(TURNS, engine.again, *(turn_of(transform, batch) for transform in transforms))


def _opened(modules: list[bytes]) -> Transform:
    steps = [SmartStream(module, config=CONFIG) for module in modules]
    return steps[0] if len(steps) == 1 else Chain(steps)


def _source(name: str) -> str:
    return (SOURCES / "bench" / f"{name}.rs").read_text()


def _built(name: str, text: str, folder: Path) -> bytes:
    path = folder / f"{name}.rs"
    path.write_text(text)
    wasm = InlineSource(path).build(Job()).wasm
    assert wasm is not None, f"the benchmark's {name} does not build"
    return wasm
