"""What `fields.wat` makes of records, for both versions of the contract."""

import random

from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.faults import Fault, PrintedLine
from engine.records.verdicts import Verdict
from tests.engine.runtime.wat_guests import compiled, written

Report = tuple[list[int], list[Fault], list[PrintedLine]]


def fields_module(version: int = 2) -> bytes:
    """The module, keeping a version of the contract."""
    answer = '"smartstream_abi") (result i32)\n    (i32.const {})'
    wat = written("fields.wat")
    assert answer.format(2) in wat
    return compiled(wat.replace(answer.format(2), answer.format(version)))


def fnv(batch: Batch, index: int, version: int = 2) -> int:
    record = batch.record(index)
    data = batch.partition.to_bytes(4, "little")
    data += record.offset.to_bytes(8, "little") + record.timestamp.to_bytes(8, "little", signed=True)
    data += b"\0" if record.key is None else b"\1" + record.key
    data += bytes([version < 2 or record.value is not None])
    value = record.value or b""
    data += len(value).to_bytes(8, "little") + value
    hashed = 0x811C9DC5
    for byte in data:
        hashed = (hashed ^ byte) * 0x01000193 & 0xFFFFFFFF
    return hashed


def expected(batch: Batch, version: int = 2) -> Report:
    hashes = [fnv(batch, index, version) for index in range(len(batch))]
    return (
        [value % 3 for value in hashes],
        [Fault(i, Verdict.ERROR, f"{v:08x}") for i, v in enumerate(hashes) if v % 3 == 2],
        [PrintedLine(i, f"{v:08x}") for i, v in enumerate(hashes) if v % 3 == 1],
    )


def reported(evaluation: Evaluation) -> Report:
    return evaluation.verdicts.tolist(), list(evaluation.faults), list(evaluation.printed)


def random_batch(chance: random.Random, count: int, keys: str) -> Batch:
    """Consecutive records with keys for `none`, `some` or `all` of them."""

    def text() -> bytes:
        return chance.randbytes(chance.choice((0, 1, 3, 20, 90)))

    made: list[bytes | None] | None = None
    if keys != "none":
        made = [None if keys == "some" and chance.random() < 0.5 else text() for _ in range(count)]
    stamps = [chance.randrange(-(1 << 40), 1 << 50) for _ in range(count)]
    values = [text() for _ in range(count)]
    return Batch.consecutive(7, chance.randrange(1 << 40), record_batch(values, keys=made, timestamps=stamps))
