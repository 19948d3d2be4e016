"""Reading a topic from end to end, from the disk and from memory, against bare reads of the same bytes."""

import time
from collections.abc import Callable
from pathlib import Path

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.broker.sqlite.tables.topic_table import COMPRESSIONS
from engine.broker.topics import Compression, TopicOptions
from engine.consumer.consumer import Consumer
from tests.bench.cache import can_forget, forget
from tests.bench.report import Samples, in_turn, ratio, table
from tests.bench.text import cut, library_text

TURNS = 7
BYTES = 200_000_000
RECORD_BYTES = 100
_PIECE = 1 << 20


def run(folder: Path) -> None:
    """Measure and print."""
    text = library_text(BYTES)
    bare = folder / "bare"
    bare.write_bytes(text)
    stored = {codec: _stored(folder, codec, text) for codec in COMPRESSIONS}
    for cold in (True, False) if can_forget() else (False,):
        _compare(bare, stored, cold)


def _stored(folder: Path, codec: Compression, text: bytes) -> Path:
    data = folder / codec
    with EmbeddedBroker.open(data, durable=False) as broker:
        broker.topics.create("text", options=TopicOptions(compression=codec))
        for start in range(0, len(text), _PIECE):
            broker.log.append("text", cut(text[start : start + _PIECE], RECORD_BYTES))
    return data


def _compare(bare: Path, stored: dict[Compression, Path], cold: bool) -> None:
    plain, packed, unpacked = in_turn(
        TURNS, _bare(bare, cold), _consume(stored["lz4"], cold), _consume(stored["none"], cold)
    )
    where = "from the disk" if cold else "from the system's cache"
    table(
        f"Reading {BYTES / 1e6:.0f} MB in records of {RECORD_BYTES} bytes {where}, median of {TURNS}",
        [
            ("bare read of the same bytes", _rate(plain), ""),
            ("consumer, lz4", _rate(packed), _records(packed)),
            ("consumer, not compressed", _rate(unpacked), _records(unpacked)),
            ("consumer, lz4 / bare", f"{ratio(plain, packed):.2f}", ""),
            ("consumer, lz4 / not compressed", f"{ratio(unpacked, packed):.2f}", "expected at least 0.9"),
            ("file, lz4 / not compressed", f"{_size(stored['lz4']) / _size(stored['none']):.2f}", ""),
        ],
    )


def _bare(path: Path, cold: bool) -> Callable[[], float]:
    def turn() -> float:
        if cold:
            forget(path)
        started = time.perf_counter()
        with path.open("rb", buffering=0) as file:
            while file.read(_PIECE):
                pass
        return time.perf_counter() - started

    return turn


def _consume(data: Path, cold: bool) -> Callable[[], float]:
    def turn() -> float:
        if cold:
            forget(data / "log.db")
        with EmbeddedBroker.open(data, durable=False) as broker:
            end = broker.log.offsets("text")[0].end
            started = time.perf_counter()
            consumer = Consumer(broker, "text", positions={0: 0}, ends={0: end})
            while not consumer.finished:
                assert consumer.poll(1) is not None, "the log ended early"
            return time.perf_counter() - started

    return turn


def _size(data: Path) -> int:
    return (data / "log.db").stat().st_size


def _rate(samples: Samples) -> str:
    return f"{BYTES / samples.median / 1e6:,.0f} MB/s"


def _records(samples: Samples) -> str:
    return f"{BYTES / RECORD_BYTES / samples.median / 1e6:.1f} M records/s"
