"""The region of a guest's memory that batches are copied into."""

import ctypes

from wasmtime import Memory, Store

from engine.records.batch import Batch
from engine.runtime import abi
from engine.runtime.columns import Columns
from engine.runtime.messages import Messages, decode
from engine.runtime.module import GuestModule


class Region:
    """One allocation of the guest, checked once; every access stays inside it.

    It is valid for the life of the instance: guest memory neither moves (`memory_may_move`) nor shrinks.
    Copies go through memoryviews, which keep the GIL: giving it up for microseconds costs 5 ms beside a busy
    thread.
    """

    def __init__(self, store: Store, memory: Memory, address: int, size: int, module: GuestModule) -> None:
        if address % abi.ALIGNMENT:
            raise module.violation(f"{abi.ALLOC} returned {address:#x}, which is not aligned")
        end = memory.data_len(store)
        if address + size > end:
            raise module.violation(
                f"{abi.ALLOC} returned {address:#x} for {size} bytes, but its memory ends at {end:#x}"
            )
        base = ctypes.addressof(memory.data_ptr(store).contents) + address
        self.address = address
        self.size = size
        self.progress = ctypes.c_uint32.from_address(base + abi.PROGRESS_AT)
        self._legal_results = module.kind.results
        self._view = memoryview((ctypes.c_ubyte * size).from_address(base)).cast("B")
        self._messages = self._view[abi.MESSAGES_AT : abi.COLUMNS_AT]
        self._results_at = 0

    def write(self, columns: Columns, layout: abi.Layout, batch: Batch, version: int) -> None:
        """Copy a batch in as `columns`; `layout.size` is at most `size`."""
        self._put(0, abi.header(self.address, layout, batch, version))
        for name, data in columns.items():
            self._put(layout.places[name], data)
        self._results_at = layout.places["verdicts"]

    def prepare(self, start: int, stop: int) -> None:
        abi.RANGE.pack_into(self._view, abi.RANGE_AT, start, stop)
        abi.MESSAGES_HEAD.pack_into(self._messages, 0, 0, 0)
        self.progress.value = abi.NO_RECORD

    def results(self, start: int, stop: int) -> bytes | None:
        """The result bytes of `start` to before `stop`; None if one is not legal for the kind."""
        results = bytes(self._view[self._results_at + start : self._results_at + stop])
        return None if results.translate(None, self._legal_results) else results

    def messages(self, start: int, stop: int) -> Messages:
        return decode(self._messages, start, stop)

    def _put(self, at: int, data: bytes | memoryview) -> None:
        self._view[at : at + len(data)] = data
