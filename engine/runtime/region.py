"""The region of a guest's memory that batches are copied into."""

import ctypes

from wasmtime import Memory, Store

from engine.records.verdicts import Verdict
from engine.runtime import abi
from engine.runtime.breach import breach
from engine.runtime.columns import Columns, Strings
from engine.runtime.messages import Messages, decode

_LEGAL = bytes((Verdict.DROP, Verdict.PASS, Verdict.ERROR))


class Region:
    """One allocation of the guest, checked once; every access stays inside it.

    It holds for the instance's life: guest memory neither moves (`memory_may_move`) nor shrinks. Copies go
    through memoryviews, which keep the GIL: giving it up for microseconds costs 5 ms beside a busy thread.
    """

    def __init__(self, store: Store, memory: Memory, address: int, size: int, name: str) -> None:
        if address % abi.ALIGNMENT:
            raise breach(name, f"{abi.ALLOC} returned {address:#x}, which is not aligned")
        held = memory.data_len(store)
        if address + size > held:
            raise breach(
                name, f"{abi.ALLOC} returned {address:#x} for {size} bytes, but its memory ends at {held:#x}"
            )
        base = ctypes.addressof(memory.data_ptr(store).contents) + address
        self.address = address
        self.size = size
        self.progress = ctypes.c_uint32.from_address(base + abi.PROGRESS_AT)
        self._view = memoryview((ctypes.c_ubyte * size).from_address(base)).cast("B")
        self._messages = self._view[abi.MESSAGES_AT : abi.COLUMNS_AT]
        self._verdicts_at = 0

    def write(self, columns: Columns, places: abi.Layout, base_offset: int, partition: int) -> None:
        """Copy a batch in; `places.size` is at most `size`."""
        self._put(0, abi.header(self.address, columns.count, base_offset, partition, places))
        self._put_strings(columns.values, places.value_offsets, places.values)
        if columns.keys is not None:
            self._put_strings(columns.keys, places.key_offsets, places.keys)
        if columns.key_validity is not None:
            self._put(places.key_validity, columns.key_validity)
        self._put(places.timestamps, columns.timestamps)
        self._put(places.verdicts, bytes((Verdict.PENDING,)) * columns.count)
        self._verdicts_at = places.verdicts

    def prepare(self, start: int, stop: int) -> None:
        """Make ready for a call that evaluates `start` to before `stop`."""
        abi.RANGE.pack_into(self._view, abi.RANGE_AT, start, stop)
        abi.MESSAGES_HEAD.pack_into(self._messages, 0, 0, 0)
        self.progress.value = abi.NO_RECORD

    def verdicts(self, start: int, stop: int) -> bytes | None:
        """The verdict bytes of `start` to before `stop`; None where one is no verdict."""
        verdicts = bytes(self._view[self._verdicts_at + start : self._verdicts_at + stop])
        return None if verdicts.translate(None, _LEGAL) else verdicts

    def messages(self, start: int, stop: int) -> Messages:
        """What the message area holds of `start` to before `stop`."""
        return decode(self._messages, start, stop)

    def _put_strings(self, strings: Strings, offsets_at: int, data_at: int) -> None:
        self._put(offsets_at, strings.offsets)
        self._put(data_at, strings.data)

    def _put(self, at: int, data: bytes | memoryview) -> None:
        self._view[at : at + len(data)] = data
