"""Decodes the output area: the records that a guest made in one call, as columns of lengths and bytes."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from engine.runtime import abi

INHERITED = -2
"""In place of a length: the key or value of the input."""
ABSENT = -1
"""In place of a length: no key, or no value."""

_SOURCE, _KEY, _VALUE = range(3)

Lengths = npt.NDArray[np.int32]


class InvalidOutputsError(Exception):
    """What a guest wrote is impossible; the text continues a sentence about the guest."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OutputColumns:
    """Outputs in order, not yet as records."""

    sources: Lengths
    """The index of the input of each, non-decreasing."""
    key_lengths: Lengths
    """Of each output's own key, or `INHERITED`, or `ABSENT`."""
    value_lengths: Lengths
    data: bytes
    """Of each output in order, its own key and then its own value."""
    inherited: int = 0
    """Bytes of the keys and values that are the inputs', if one input may have several outputs."""

    def __len__(self) -> int:
        return len(self.sources)

    @property
    def size(self) -> int:
        """Bytes that they take as records."""
        return len(self.data) + self.inherited + len(self) * abi.OUTPUT_ENTRY_BYTES

    def last_value(self) -> bytes | None:
        """The value of the last output; None if it is its input's."""
        length = int(self.value_lengths[-1])
        return None if length == INHERITED else self.data[len(self.data) - max(length, 0) :]

    def shifted(self, inputs: int) -> "OutputColumns":
        """The same with indices that count from another record."""
        return replace(self, sources=self.sources + np.int32(inputs)) if inputs else self


def decode_outputs(area: memoryview, start: int, stop: int, *, complete: bool) -> OutputColumns:
    """The outputs of the inputs `start` to before `stop`; `InvalidOutputsError`.

    If the call is not `complete`, what it wrote for `stop` and later records is ignored.
    """
    count, used, _ = abi.OUTPUTS_HEAD.unpack_from(area)
    entries_size, head = count * abi.OUTPUT_ENTRY_BYTES, abi.OUTPUTS_HEAD.size
    if head + used + entries_size > len(area):
        raise InvalidOutputsError(f"it wrote {count} outputs of {used} bytes into an area of {len(area)}")
    entries = np.frombuffer(area[len(area) - entries_size :], np.int32).reshape(count, 4)[::-1]
    if not complete:
        entries = entries[: int(np.searchsorted(entries[:, _SOURCE], stop))]
    sources, keys, values = (entries[:, column].copy() for column in (_SOURCE, _KEY, _VALUE))
    own = _own_bytes(keys) + _own_bytes(values)
    if own > used or (complete and own != used):
        raise InvalidOutputsError(f"its outputs need {own} bytes and it wrote {used}")
    if len(sources) and (sources[0] < start or sources[-1] >= stop or (sources[1:] < sources[:-1]).any()):
        raise InvalidOutputsError("it wrote an output for a record that it was not at")
    return OutputColumns(
        sources=sources, key_lengths=keys, value_lengths=values, data=bytes(area[head : head + own])
    )


def _own_bytes(lengths: Lengths) -> int:
    least, most = int(lengths.min(initial=0)), int(lengths.max(initial=0))
    if least < INHERITED:
        raise InvalidOutputsError("it wrote an output with an invalid length")
    if not most:
        return 0
    return int((np.maximum(lengths, 0) if least < 0 else lengths).sum(dtype=np.int64))


def needed_bytes(area: memoryview) -> int:
    """The bytes that the outputs of the next record need, if they did not fit; otherwise 0."""
    found: int = abi.OUTPUTS_HEAD.unpack_from(area)[2]
    return found
