"""A log on a Kafka node that is too large to be produced: batches repeated at later offsets."""

import struct
from collections.abc import Iterator
from pathlib import Path

import google_crc32c

from tests.kafka_cluster import Cluster

SEGMENT_BYTES = 1 << 30
"""Kafka's default."""
_BASE_OFFSET, _LENGTH, _CRC, _ATTRIBUTES = 0, 8, 17, 21
_FIRST_TIME, _PRODUCER = 27, 43
"""Where fields are in the header of a batch, in Kafka's message format 2."""
_NO_PRODUCER = (-1, -1, -1)


def repeat_log(cluster: Cluster, topic: str, records: int, copies: int, first_time: int) -> None:
    """Let partition 0 of a topic hold its `records` so many times; the only node is started again.

    The time of a batch becomes `first_time` plus its first offset (ms since the epoch).
    """
    cluster.stop(0)
    data = cluster.nodes[0].folder / "data"
    folder = data / f"{topic}-0"
    batches = [batch for path in sorted(folder.glob("*.log")) for batch in _batches(path.read_bytes())]
    for path in folder.glob("0*"):  # segments, and what the node makes of them
        path.unlink()
    _write(folder, (_moved(batch, records * copy, first_time) for copy in range(copies) for batch in batches))
    for name in ("recovery-point-offset-checkpoint", "replication-offset-checkpoint"):
        _set_checkpoint(data / name, f"{topic} 0", records * copies)
    cluster.restart(0)


def _batches(log: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(log):
        end = at + 12 + struct.unpack_from(">i", log, at + _LENGTH)[0]
        yield log[at:end]
        at = end


def _moved(batch: bytes, offsets: int, first_time: int) -> tuple[int, bytes]:
    """A batch so many offsets later, with its first offset."""
    moved = bytearray(batch)
    base = struct.unpack_from(">q", batch, _BASE_OFFSET)[0] + offsets
    struct.pack_into(">q", moved, _BASE_OFFSET, base)
    struct.pack_into(">qq", moved, _FIRST_TIME, first_time + base, first_time + base)
    # The numbers by which the node would notice that a producer repeats itself.
    struct.pack_into(">qhi", moved, _PRODUCER, *_NO_PRODUCER)
    struct.pack_into(">I", moved, _CRC, google_crc32c.value(bytes(moved[_ATTRIBUTES:])))
    return base, bytes(moved)


def _write(folder: Path, batches: Iterator[tuple[int, bytes]]) -> None:
    """Segments, each named after its first offset."""
    path, size = folder, SEGMENT_BYTES
    for base, batch in batches:
        if size + len(batch) > SEGMENT_BYTES:
            path, size = folder / f"{base:020d}.log", 0
        with path.open("ab") as segment:
            segment.write(batch)
        size += len(batch)


def _set_checkpoint(path: Path, partition: str, offset: int) -> None:
    version, _, *entries = path.read_text().splitlines()
    kept = [entry for entry in entries if not entry.startswith(f"{partition} ")]
    lines = [version, str(len(kept) + 1), *kept, f"{partition} {offset}"]
    path.write_text("".join(f"{line}\n" for line in lines))
