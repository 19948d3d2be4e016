"""Appending to a partition: batches, in one request, which all replicas acknowledge."""

import time
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, cast

import numpy as np
import pyarrow as pa

from engine.broker.fluvio.cluster import Cluster
from engine.broker.fluvio.protocol import error_codes, spu
from engine.broker.fluvio.protocol.compression import CODECS, compressed
from engine.broker.fluvio.protocol.link import Link
from engine.broker.fluvio.protocol.records import MAX_DELTA_MS, CodecPool, header
from engine.broker.fluvio.protocol.wire import Decoder, Encoder
from engine.broker.fluvio.replication import held_up
from engine.broker.log import Appended
from engine.broker.topics import MAX_RECORD_BYTES, Compression
from engine.errors import BrokerError, BrokerUnreachableError, NoRoomError, RecordTooLargeError
from engine.records.sizes import bytes_before, record_sizes

_BATCH_BYTES = 1 << 20
"""Of keys and values in a batch, about: readers ask for some of these at once."""
_REPLICATE_SECONDS = 15.0
"""How long replicas may take. Those of a new topic may need ten seconds to find their leader."""
_GIVE_UP_SECONDS = 2 + _REPLICATE_SECONDS
_NOTICED_SECONDS = 1.5
"""Without an answer for this time, what the append waits for is looked up, and told."""
_UNKNOWN = "it is not known whether the records were stored"


class Appends:
    """Appends records. Any thread may use it."""

    def __init__(
        self,
        cluster: Cluster,
        codecs: CodecPool,
        max_record_bytes: int | None,
        compression: Compression | None,
    ) -> None:
        self._cluster = cluster
        self._codecs = codecs
        self._max_record_bytes = max_record_bytes or MAX_RECORD_BYTES
        self._compression = compression

    def append(self, topic: str, records: pa.RecordBatch, partition: int) -> Appended:
        """Records to an existing partition, at least one."""
        self._check(records)
        codec = self._codec(topic)
        batches = [self._batch(part, codec) for part in _parts(records)]
        request = spu.produce_request(topic, partition, batches, int(_REPLICATE_SECONDS * 1_000))
        where = f"partition {partition} of topic '{topic}'"
        first = self._cluster.settled(
            lambda: self._produced(topic, partition, request), f"no SPU leads {where}"
        )
        return Appended(partition=partition, first=first, last=first + records.num_rows - 1)

    def _produced(self, topic: str, partition: int, request: Encoder) -> int | None:
        """The first offset; None if the SPU does not lead the partition, so that nothing was stored."""
        endpoint = self._cluster.leader(topic, partition)
        with self._cluster.links.borrowed(endpoint) as link:
            link.send(spu.PRODUCE, request)
            try:
                answer = self._answer(link, topic, partition)
            except BrokerUnreachableError as error:
                self._cluster.check_open()
                raise BrokerError(f"{error.message}, so {_UNKNOWN}", "read the end of the topic") from error
        problem, first = spu.read_produced(answer)
        if problem is None:
            return first
        if problem.code in (error_codes.NOT_LEADER, error_codes.PARTITION_NOT_LEADER):
            return None
        timed_out = problem.code == error_codes.TIMED_OUT
        raise _refused(topic, partition, problem, self._waited_for(topic, partition) if timed_out else None)

    def _answer(self, link: Link, topic: str, partition: int) -> Decoder:
        """Wait for all replicas, but not for an SPU that is not there any more."""
        where, deadline = f"partition {partition} of topic '{topic}'", time.monotonic() + _GIVE_UP_SECONDS
        message = link.receive(_NOTICED_SECONDS)
        try:
            while message is None and time.monotonic() < deadline:
                self._cluster.spu_versions(link.endpoint)
                if waited_for := self._waited_for(topic, partition):
                    self._cluster.status.failed(f"appending to {where}", f"{where}: {waited_for}")
                message = link.receive(_NOTICED_SECONDS)
        finally:
            self._cluster.status.answered(f"appending to {where}")
        if message is None:
            raise BrokerUnreachableError(f"Fluvio's server {link.endpoint.name} has not acknowledged")
        return message.content

    def _waited_for(self, topic: str, partition: int) -> str | None:
        """Which replicas have not acknowledged, if the SC knows."""
        with suppress(BrokerUnreachableError):
            self._cluster.refresh(_NOTICED_SECONDS / 4)
        return held_up(self._cluster.view, topic, partition)

    def _check(self, records: pa.RecordBatch) -> None:
        if records.column("value").null_count:
            raise BrokerError("Fluvio has no tombstones: every record needs a value")
        headers = cast("pa.MapArray[Any, Any]", records.column("headers"))
        if len(headers) > headers.null_count and len(headers.keys):
            raise BrokerError("Fluvio's records have no headers")
        sizes = record_sizes(records)
        if len(too_large := np.flatnonzero(sizes > self._max_record_bytes)):
            size = int(sizes[too_large[0]])
            raise RecordTooLargeError(f"a record has {size:,} bytes, more than {self._max_record_bytes:,}")

    def _codec(self, topic: str) -> int:
        """The number of the compression: what the topic demands, or else what is asked for here."""
        found = self._cluster.view.topics.get(topic)
        demanded = found.config.compression if found else "any"
        name = (self._compression or "none") if demanded == "any" else demanded
        return CODECS.index(name)

    def _batch(self, records: pa.RecordBatch, codec: int) -> bytes:
        with self._codecs.codec() as writer:
            body = compressed(codec, writer.write(records))
        stamps = records.column("timestamp").to_numpy()
        return header(len(body), len(stamps), int(stamps[0]), int(stamps.max()), codec) + body


def _parts(records: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """Slices that fit in a batch: by their bytes, and by how far their timestamps are apart."""
    sizes, stamps = bytes_before(records)[1:], records.column("timestamp").to_numpy()
    start, before = 0, 0
    while start < records.num_rows:
        stop = max(int(np.searchsorted(sizes, before + _BATCH_BYTES, "right")), start + 1)
        far = np.flatnonzero(np.abs(stamps[start:stop] - stamps[start]) > MAX_DELTA_MS)
        if len(far):
            stop = start + int(far[0])
        yield records.slice(start, stop - start)
        start, before = stop, int(sizes[stop - 1])


def _refused(
    topic: str, partition: int, problem: error_codes.ServerError, waited_for: str | None
) -> BrokerError:
    where = f"partition {partition} of topic '{topic}'"
    if problem.code == error_codes.TIMED_OUT:
        late = f"not all replicas of {where} acknowledged within {_REPLICATE_SECONDS:g} s"
        return BrokerError(
            f"{late}, so {_UNKNOWN}" if waited_for is None else f"{late}, since {waited_for}: {_UNKNOWN}",
            "if it lasts more than a minute, see 'Replicas that never catch up' in docs/fluvio.md",
        )
    if problem.code == error_codes.PARTITION_FULL:
        return NoRoomError(problem.text)
    if problem.code == error_codes.TOO_LARGE:
        return RecordTooLargeError(f"{where} does not take a record of that size")
    return BrokerError(f"cannot append to {where}: {problem.text}")
