import zlib

import numpy as np

from engine.producer.partitioner import Partitioner
from engine.records.batch import ANY_PARTITION, record_batch
from tests.contract.memory_broker import MemoryBroker

HASHES = MemoryBroker().log.key_hashes


def split(partitioner: Partitioner, keys: list[bytes | None]) -> dict[int, list[bytes]]:
    records = record_batch([b"%d" % n for n in range(len(keys))], keys=keys)
    return {p: part.column("value").to_pylist() for p, part in partitioner.split(records)}


def test_a_key_goes_where_its_crc_says_in_order() -> None:
    keys: list[bytes | None] = [b"a", b"", b"b", b"a", b"\xff", b"b", b"a"]
    found = split(Partitioner(3, HASHES), keys)
    for partition, values in found.items():
        assert values == [b"%d" % n for n, key in enumerate(keys) if zlib.crc32(key or b"") % 3 == partition]
    assert sum(map(len, found.values())) == len(keys)


def test_records_without_a_key_take_turns_over_batches() -> None:
    partitioner = Partitioner(3, HASHES)
    assert split(partitioner, [None, None]) == {0: [b"0"], 1: [b"1"]}
    assert zlib.crc32(b"g") % 3 == 1
    assert split(partitioner, [None, b"g", None]) == {2: [b"0"], 1: [b"1"], 0: [b"2"]}


def test_one_partition_gets_the_batch_as_it_is() -> None:
    records = record_batch([b"a"], keys=[b"k"])
    assert list(Partitioner(1, HASHES).split(records)) == [(0, records)]


def test_where_records_have_to_go_counts_more() -> None:
    records = record_batch([b"0", b"1", b"2"])
    parts = dict(Partitioner(4, HASHES).split(records, np.array([3, ANY_PARTITION, 3])))
    assert {p: part.column("value").to_pylist() for p, part in parts.items()} == {3: [b"0", b"2"], 1: [b"1"]}
