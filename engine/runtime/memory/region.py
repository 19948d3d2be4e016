"""The region of a guest's memory that batches are copied into."""

import ctypes
from collections.abc import Callable

from wasmtime import Memory, Store

from engine.errors import ContractError
from engine.runtime import abi
from engine.runtime.memory.columns import Columns
from engine.runtime.memory.messages import Messages, read
from engine.runtime.memory.output_area import OutputColumns, decode_outputs, needed_bytes


class Region:
    """One allocation of the guest, checked once; every access stays inside it.

    It is valid for the life of the instance: guest memory neither moves (`memory_may_move`) nor shrinks.
    Copies go through memoryviews, which keep the GIL: giving it up for microseconds costs 5 ms beside a busy
    thread.
    """

    def __init__(
        self,
        store: Store,
        memory: Memory,
        address: int,
        size: int,
        violation: Callable[[str], ContractError],
    ) -> None:
        """`violation` makes the error for an address that the guest must not return."""
        if address % abi.ALIGNMENT:
            raise violation(f"{abi.ALLOC} returned {address:#x}, which is not aligned")
        end = memory.data_len(store)
        if address + size > end:
            raise violation(
                f"{abi.ALLOC} returned {address:#x} for {size} bytes, but its memory ends at {end:#x}"
            )
        base = ctypes.addressof(memory.data_ptr(store).contents) + address
        self.address = address
        self.size = size
        self.progress = ctypes.c_uint32.from_address(base + abi.PROGRESS_AT)
        self._view = memoryview((ctypes.c_ubyte * size).from_address(base)).cast("B")
        self._messages = self._view[abi.MESSAGES_AT : abi.COLUMNS_AT]
        self._outputs = self._view[:0]
        self._results_at = self._accumulator_at = 0

    def write(self, columns: Columns, layout: abi.Layout, header: bytes) -> None:
        """Copy columns in; `layout.size` is at most `size`."""
        self._put(0, header)
        for name, data in columns.items():
            self._put(layout.places[name], data)
        self._results_at = layout.places.get("verdicts", 0)
        self._accumulator_at = layout.places.get("accumulator", 0)
        outputs_at = layout.places.get("outputs", 0)
        self._outputs = self._view[outputs_at : outputs_at + layout.outputs_size]

    def prepare(self, start: int, stop: int, accumulator: bytes = b"") -> None:
        """Make ready for a call over a range of records; an accumulator needs an area that is as large."""
        abi.RANGE.pack_into(self._view, abi.RANGE_AT, start, stop)
        abi.MESSAGES_HEAD.pack_into(self._messages, 0, 0, 0)
        if self._outputs:
            abi.OUTPUTS_HEAD.pack_into(self._outputs, 0, 0, 0, 0)
        if self._accumulator_at:
            pointer = self.address + self._accumulator_at if accumulator else 0
            abi.ACCUMULATOR.pack_into(self._view, abi.ACCUMULATOR_AT, pointer, len(accumulator))
            self._put(self._accumulator_at, accumulator)
        self.progress.value = abi.NO_RECORD

    def results(self, start: int, stop: int) -> bytes:
        """The result bytes of `start` to before `stop`."""
        return bytes(self._view[self._results_at + start : self._results_at + stop])

    def outputs(self, start: int, stop: int, *, complete: bool) -> OutputColumns | None:
        """As `decode_outputs`; None without an output area."""
        return decode_outputs(self._outputs, start, stop, complete=complete) if self._outputs else None

    @property
    def outputs_size(self) -> int:
        """Bytes of the output area; 0 if there is none."""
        return len(self._outputs)

    @property
    def needed(self) -> int:
        """The bytes that the outputs of the next record need, if they did not fit; otherwise 0."""
        return needed_bytes(self._outputs) if self._outputs else 0

    def messages(self, start: int, stop: int, more: bytes) -> Messages:
        return read(self._messages, start, stop, more)

    def _put(self, at: int, data: bytes | memoryview) -> None:
        self._view[at : at + len(data)] = data
