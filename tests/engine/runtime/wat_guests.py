"""Small guests in WAT: two written by hand, and a skeleton whose parts tests replace."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import wasmtime

from engine.builds.rust.paths import sdk_folder
from engine.records.batch import Batch, record_batch

_FOLDERS = (Path(__file__).parent / "wat", sdk_folder().parent / "wat")

"""Where the skeleton's region begins."""

ALLOC = """
(local $missing i32)
(local.set $missing
  (i32.sub
    (i32.shr_u (i32.add (local.get $size) (i32.const 69631)) (i32.const 16))
    (memory.size)))
(if (i32.gt_s (local.get $missing) (i32.const 0))
  (then
    (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1))
      (then (return (i32.const 0))))))
(i32.const 4096)
"""

STACK = '(global $sp (export "__stack_pointer") (mut i32) (i32.const 4096))'

RECORD = "(local.get $record)"
BYTE = "(local.get $byte)"
"""The first byte of the record's value, or 0."""

SPIN = """
(func $spin (param $times i32)
  (loop $again
    (local.set $times (i32.sub (local.get $times) (i32.const 1)))
    (br_if $again (local.get $times))))
(func $spin_for_ever
  (loop $again (br $again)))
"""

WRITE = """
(func $write (param $header i32) (param $record i32) (param $kind i32) (param $from i32) (param $length i32)
  (local $area i32) (local $entry i32)
  (local.set $area (i32.load offset=64 (local.get $header)))
  (local.set $entry (i32.add (i32.add (local.get $area) (i32.const 8)) (i32.load (local.get $area))))
  (i32.store (local.get $entry) (local.get $record))
  (i32.store offset=4 (local.get $entry) (local.get $kind))
  (i32.store offset=8 (local.get $entry) (local.get $length))
  (memory.copy (i32.add (local.get $entry) (i32.const 12)) (local.get $from) (local.get $length))
  (i32.store (local.get $area)
    (i32.add
      (i32.load (local.get $area))
      (i32.add
        (i32.const 12)
        (i32.and (i32.add (local.get $length) (i32.const 3)) (i32.const -4))))))
"""


def compiled(wat: str) -> bytes:
    return bytes(wasmtime.wat2wasm(wat))


def written(name: str) -> str:
    """A module written by hand: an example of the program, or one for tests only."""
    (path,) = (folder / name for folder in _FOLDERS if (folder / name).exists())
    return path.read_text()


def by_hand(name: str) -> bytes:
    return compiled(written(name))


def guest(
    verdict: str = "(i32.const 1)",
    *,
    memory: str = "1",
    abi: str = "(i32.const 1)",
    alloc: str = ALLOC,
    enter: str = "",
    progress: str = RECORD,
    result: str = RECORD,
    fields: str = "",
) -> bytes:
    """A filter whose result for each record is the value of the expression `verdict`."""
    return compiled(
        f"""
        (module
          (memory (export "memory") {memory})
          (func (export "smartstream_abi") (result i32) {abi})
          (func (export "smartstream_alloc") (param $size i32) (result i32) {alloc})
          (func (export "smartstream_filter") (param $header i32) (result i32)
            (local $record i32) (local $end i32) (local $at i32) (local $byte i32)
            (local.set $record (i32.load offset=8 (local.get $header)))
            (local.set $end (i32.load offset=12 (local.get $header)))
            {enter}
            (loop $next
              (i32.store (i32.load offset=60 (local.get $header)) {progress})
              (local.set $at
                (i32.add
                  (i32.load offset=32 (local.get $header))
                  (i32.shl (local.get $record) (i32.const 2))))
              (local.set $byte
                (if (result i32)
                  (i32.eq (i32.load (local.get $at)) (i32.load offset=4 (local.get $at)))
                  (then (i32.const 0))
                  (else
                    (i32.load8_u
                      (i32.add
                        (i32.load offset=36 (local.get $header))
                        (i32.load (local.get $at)))))))
              (i32.store8
                (i32.add (i32.load offset=56 (local.get $header)) (local.get $record))
                {verdict})
              (local.set $record (i32.add (local.get $record) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $record) (local.get $end))))
            {result})
          {fields})
        """
    )


def when(letter: str, then: str, otherwise: str = "(i32.const 1)") -> str:
    """An expression: `then` for values that begin with `letter`, else `otherwise`."""
    return f"(if (result i32) (i32.eq {BYTE} (i32.const {ord(letter)})) (then {then}) (else {otherwise}))"


def batch(values: Sequence[bytes], keys: Sequence[bytes | None] | None = None, *, base: int = 0) -> Batch:
    return Batch.consecutive(
        0, base, record_batch(values, keys=keys, timestamps=range(1000, 1000 + len(values)))
    )


def letters(text: str, *, base: int = 0) -> Batch:
    """A batch of values of one letter each."""
    return batch([letter.encode() for letter in text], base=base)


def sparse(
    values: Sequence[bytes | None],
    steps: Sequence[int],
    keys: Sequence[bytes | None] | None = None,
    *,
    base: int = 0,
) -> Batch:
    """A batch with gaps: each offset is a step after the one before, the first one after `base`."""
    offsets = base + np.cumsum(np.array(steps, np.int64))
    return Batch(
        partition=3,
        records=record_batch(values, keys=keys, timestamps=range(len(values))),
        offsets=offsets,
        next_offset=int(offsets[-1]) + 5 if len(values) else base,
    )
