"""The hash by which Fluvio's clients choose a partition: SipHash-2-4 of a key, after its length."""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

_Words = npt.NDArray[np.uint64]
_START = (0x736F6D6570736575, 0x646F72616E646F6D, 0x6C7967656E657261, 0x7465646279746573)
_BLOCK = 8


def key_hashes(keys: Sequence[bytes]) -> _Words:
    """The hash of each key."""
    by_blocks: dict[int, list[int]] = defaultdict(list)
    for index, key in enumerate(keys):
        by_blocks[len(key) // _BLOCK].append(index)
    found = np.empty(len(keys), np.uint64)
    for blocks, indices in by_blocks.items():
        # The key's length comes first; the last byte of the last block has the length of that and the key.
        size = (blocks + 1) * _BLOCK
        padded = b"".join(
            len(key).to_bytes(_BLOCK, "little")
            + key.ljust(size - 1, b"\0")
            + bytes([(len(key) + _BLOCK) & 0xFF])
            for key in (keys[index] for index in indices)
        )
        found[indices] = _siphash(np.frombuffer(padded, "<u8").reshape(len(indices), blocks + 2))
    return found


def _siphash(messages: _Words) -> _Words:
    """The hash of each row of blocks, with a secret of zeros."""
    a, b, c, d = (np.full(len(messages), word, np.uint64) for word in _START)
    for block in messages.T:
        d = d ^ block
        for _ in range(2):
            a, b, c, d = _round(a, b, c, d)
        a = a ^ block
    c = c ^ np.uint64(0xFF)
    for _ in range(4):
        a, b, c, d = _round(a, b, c, d)
    return a ^ b ^ c ^ d


def _round(a: _Words, b: _Words, c: _Words, d: _Words) -> tuple[_Words, _Words, _Words, _Words]:
    a, c = a + b, c + d
    b, d = _rotated(b, 13) ^ a, _rotated(d, 16) ^ c
    a, c = _rotated(a, 32) + d, c + b
    b, d = _rotated(b, 17) ^ c, _rotated(d, 21) ^ a
    return a, b, _rotated(c, 32), d


def _rotated(words: _Words, bits: int) -> _Words:
    return (words << np.uint64(bits)) | (words >> np.uint64(64 - bits))
