"""Which partition a record goes to."""

from collections.abc import Callable, Iterator, Sequence
from typing import cast

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.broker.log import KeyHashArray
from engine.records.batch import ANY_PARTITION

Partitions = npt.NDArray[np.int64]
"""A partition per record, or `ANY_PARTITION`."""
KeyHashes = Callable[[Sequence[bytes]], KeyHashArray]
"""As `Log.key_hashes`."""


class Partitioner:
    """Sends records with the same key to the same partition, and those without a key to each in turn."""

    def __init__(self, partitions: int, key_hashes: KeyHashes) -> None:
        self._partitions = partitions
        self._key_hashes = key_hashes
        self._turn = 0

    def split(
        self, records: pa.RecordBatch, wanted: Partitions | None = None
    ) -> Iterator[tuple[int, pa.RecordBatch]]:
        """The records of each partition, in their order; `wanted` names partitions or `ANY_PARTITION`."""
        if self._partitions == 1 or not records.num_rows:
            yield 0, records
            return
        assigned = self._assigned(cast("pa.BinaryArray", records.column("key")))
        if wanted is not None:
            assigned = np.where(wanted == ANY_PARTITION, assigned, wanted)
        for partition in np.unique(assigned).tolist():
            chosen = np.flatnonzero(assigned == partition)
            yield partition, records if len(chosen) == records.num_rows else records.take(chosen)

    def _assigned(self, keys: pa.BinaryArray) -> Partitions:
        keyless = keys.is_null().to_numpy(zero_copy_only=False)
        count = int(keyless.sum())
        assigned = np.empty(len(keys), np.int64)
        assigned[keyless] = (np.arange(count) + self._turn) % self._partitions
        self._turn = (self._turn + count) % self._partitions
        if count < len(keys):
            found = keys.dictionary_encode()
            hashes = self._key_hashes([key or b"" for key in found.dictionary.to_pylist()])
            indices = found.indices.drop_null().to_numpy()
            assigned[~keyless] = hashes[indices] % self._partitions
        return assigned
