"""The hash of keys by which Java's clients choose partitions: murmur2."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_SEED = 0x9747B28C
_FACTOR = np.uint32(0x5BD1E995)
_POSITIVE = np.uint32(0x7FFFFFFF)
_SHIFT = np.uint32(24)


def murmur2(keys: Sequence[bytes]) -> npt.NDArray[np.int64]:
    """The hash of each key, without the sign. Keys of one length are hashed at once."""
    lengths = np.array([len(key) for key in keys], np.int64)
    hashes = np.empty(len(keys), np.int64)
    for length in np.unique(lengths).tolist():
        chosen = np.flatnonzero(lengths == length)
        joined = b"".join([keys[index] for index in chosen.tolist()])
        hashes[chosen] = _hash(np.frombuffer(joined, np.uint8).reshape(len(chosen), length))
    return hashes


def _hash(keys: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint32]:
    """The hashes of keys of one length, a row each."""
    count, length = keys.shape
    found = np.full(count, _SEED ^ length, np.uint32)
    words = np.ascontiguousarray(keys[:, : length & ~3]).view("<u4")
    for word in words.T:
        mixed = word * _FACTOR
        mixed ^= mixed >> _SHIFT
        found = (found * _FACTOR) ^ (mixed * _FACTOR)
    for place, rest in enumerate(keys[:, length & ~3 :].T):
        found ^= rest.astype(np.uint32) << np.uint32(8 * place)
    if length & 3:
        found *= _FACTOR
    found ^= found >> np.uint32(13)
    found *= _FACTOR
    found ^= found >> np.uint32(15)
    return found & _POSITIVE
