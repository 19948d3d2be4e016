import random
from collections.abc import Sequence

import google_crc32c
import pyarrow as pa
import pytest

from engine.broker.fluvio.protocol import compression
from engine.broker.fluvio.protocol.records import HEADER, RecordCodec, header
from engine.records.batch import record_batch

EVERYTHING = 1 << 60


@pytest.fixture(scope="module")
def codec() -> RecordCodec:
    return RecordCodec()


def some_records(count: int, seed: int = 1) -> pa.RecordBatch:
    chance = random.Random(seed)
    return record_batch(
        [chance.randbytes(chance.choice([0, 1, 7, 8, 9, 127, 128, 129, 300])) for _ in range(count)],
        keys=[chance.choice([None, b"", b"key", chance.randbytes(200)]) for _ in range(count)],
        timestamps=[chance.randrange(1_700_000_000_000, 1_700_100_000_000) for _ in range(count)],
    )


def batch(codec: RecordCodec, records: pa.RecordBatch, base: int = 0, codec_number: int = 0) -> bytes:
    body = compression.compressed(codec_number, codec.write(records))
    stamps: Sequence[int] = records.column("timestamp").to_pylist()
    values = list(HEADER.unpack(header(len(body), len(stamps), stamps[0], max(stamps), codec_number)))
    values[0] = base
    return checked(HEADER.pack(*values) + body)


def checked(content: bytes) -> bytes:
    """A batch with its checksum."""
    return content[:17] + google_crc32c.value(content[21:]).to_bytes(4, "big") + content[21:]


def test_what_was_written_is_read(codec: RecordCodec) -> None:
    records = some_records(5_000)
    found = codec.read(memoryview(batch(codec, records, base=70)), 0, EVERYTHING)
    assert found.records.equals(records)
    assert (found.offsets, found.next_offset, found.malformed) == (range(70, 5_070), 5_070, None)


def test_reading_begins_and_stops_inside_of_batches(codec: RecordCodec) -> None:
    first, second = some_records(100, 1), some_records(100, 2)
    content = memoryview(batch(codec, first) + batch(codec, second, base=100))
    found = codec.read(content, 40, 130)
    assert found.records.equals(
        pa.Table.from_batches([first.slice(40), second.slice(0, 30)]).combine_chunks().to_batches()[0]
    )
    assert (found.offsets, found.next_offset) == (range(40, 130), 130)


def test_an_answer_may_be_cut_anywhere(codec: RecordCodec) -> None:
    first, second = some_records(20, 1), some_records(20, 2)
    content = batch(codec, first) + batch(codec, second, base=20)
    before = 0
    for length in range(len(content)):
        found = codec.read(memoryview(content)[:length], 0, EVERYTHING)
        assert found.malformed is None
        assert found.next_offset == len(found.records) >= before
        before = found.next_offset
    assert before == 39


@pytest.mark.parametrize("name", ["gzip", "lz4", "zstd"])
def test_compressed_batches_are_read(codec: RecordCodec, name: str) -> None:
    number = compression.CODECS.index(name)
    first, second = some_records(50, 1), some_records(50, 2)
    content = batch(codec, first) + batch(codec, second, base=50, codec_number=number)
    found = codec.read(memoryview(content), 0, EVERYTHING)
    assert (found.next_offset, found.records.slice(50).equals(second)) == (100, True)
    cut = codec.read(memoryview(content)[:-1], 0, EVERYTHING)
    assert (cut.next_offset, cut.malformed) == (50, None)


def test_offsets_that_a_filter_left_out_are_gaps(codec: RecordCodec) -> None:
    values = list(HEADER.unpack_from(content := batch(codec, some_records(3))))
    values[6] = 9  # the batch ends at offset 9
    found = codec.read(memoryview(checked(HEADER.pack(*values) + content[HEADER.size :])), 0, EVERYTHING)
    assert (found.offsets, found.next_offset) == (range(3), 10)


@pytest.mark.parametrize("codec_number", [0, 1, 2, 3, 4])
def test_bytes_that_are_no_batch_never_harm(codec: RecordCodec, codec_number: int) -> None:
    chance = random.Random(codec_number)
    good = batch(codec, some_records(30), codec_number=codec_number if codec_number != 2 else 0)
    for _ in range(300):
        content = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            content[chance.randrange(len(content))] = chance.randrange(256)
        found = codec.read(memoryview(content), 0, EVERYTHING)
        found.records.validate(full=True)
        assert len(found.offsets) == len(found.records)
    assert codec.read(memoryview(good), 0, EVERYTHING).next_offset == 30


@pytest.mark.parametrize("codec_number", range(5), ids=compression.CODECS)
def test_a_byte_that_changed_is_noticed(codec: RecordCodec, codec_number: int) -> None:
    first, second = (
        batch(codec, some_records(20, 1)),
        bytearray(batch(codec, some_records(20, 2), 20, codec_number)),
    )
    second[-9] ^= 1
    found = codec.read(memoryview(first + bytes(second)), 0, EVERYTHING)
    assert found.offsets == range(20)
    assert found.malformed == range(20, 40)
    # What is asked for ends before it.
    assert codec.read(memoryview(first + bytes(second)), 0, 20).malformed is None
