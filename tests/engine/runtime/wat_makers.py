"""Small guests in WAT that make records, and what they make of each, in plain Python.

The first byte of a record's value says what a guest does with it: see `outputs_of`.
"""

from collections.abc import Mapping, Sequence

from engine.records.batch import Batch, Record
from engine.records.evaluation import Evaluation
from tests.engine.runtime.wat_guests import ALLOC, SPIN, WRITE, compiled

Output = tuple[int, bytes | None, bytes | None]
"""Of one output: its source, its key and its value."""

STEP = 100_000
"""`b3` makes an output of 3 times as many bytes."""
TEXT = "no good"
KINDS = ("map", "filter_map", "array_map")

EMIT = """
(func $fits (param $header i32) (param $count i32) (param $bytes i32) (result i32)
  (local $area i32) (local $needed i32)
  (local.set $area (i32.load offset=80 (local.get $header)))
  (local.set $needed (i32.add (i32.const 16)
    (i32.add (local.get $bytes) (i32.shl (local.get $count) (i32.const 4)))))
  (if (i32.le_u
        (i32.add (local.get $needed)
          (i32.add (i32.load offset=4 (local.get $area))
            (i32.shl (i32.load (local.get $area)) (i32.const 4))))
        (i32.load offset=84 (local.get $header)))
    (then (return (i32.const 1))))
  (if (i32.eqz (i32.load (local.get $area)))
    (then (i32.store offset=8 (local.get $area) (local.get $needed))))
  (i32.const 0))
(func $emit (param $header i32) (param $record i32) (param $key i32) (param $keyed i32)
  (param $value i32) (param $length i32)
  (local $area i32) (local $to i32) (local $entry i32)
  (local.set $area (i32.load offset=80 (local.get $header)))
  (local.set $to
    (i32.add (i32.add (local.get $area) (i32.const 16)) (i32.load offset=4 (local.get $area))))
  (if (i32.gt_s (local.get $keyed) (i32.const 0))
    (then
      (memory.copy (local.get $to) (local.get $key) (local.get $keyed))
      (local.set $to (i32.add (local.get $to) (local.get $keyed)))))
  (if (i32.gt_s (local.get $length) (i32.const 0))
    (then
      (if (local.get $value)
        (then (memory.copy (local.get $to) (local.get $value) (local.get $length)))
        (else (memory.fill (local.get $to) (i32.const 120) (local.get $length))))
      (local.set $to (i32.add (local.get $to) (local.get $length)))))
  (local.set $entry (i32.sub
    (i32.add (local.get $area) (i32.load offset=84 (local.get $header)))
    (i32.shl (i32.add (i32.load (local.get $area)) (i32.const 1)) (i32.const 4))))
  (i32.store (local.get $entry) (local.get $record))
  (i32.store offset=4 (local.get $entry) (local.get $keyed))
  (i32.store offset=8 (local.get $entry) (local.get $length))
  (i32.store offset=12 (local.get $entry) (i32.const 0))
  (i32.store offset=4 (local.get $area)
    (i32.sub (i32.sub (local.get $to) (local.get $area)) (i32.const 16)))
  (i32.store (local.get $area) (i32.add (i32.load (local.get $area)) (i32.const 1))))
"""

ONE = """
(func $one (param $header i32) (param $record i32) (param $key i32) (param $keyed i32)
  (param $value i32) (param $length i32) (result i32)
  (local $bytes i32)
  (if (i32.gt_s (local.get $keyed) (i32.const 0)) (then (local.set $bytes (local.get $keyed))))
  (if (i32.gt_s (local.get $length) (i32.const 0))
    (then (local.set $bytes (i32.add (local.get $bytes) (local.get $length)))))
  (if (i32.eqz (call $fits (local.get $header) (i32.const 1) (local.get $bytes)))
    (then (return (i32.const 3))))
  (call $emit (local.get $header) (local.get $record) (local.get $key) (local.get $keyed)
    (local.get $value) (local.get $length))
  (i32.const 1))
(func $many (param $header i32) (param $record i32) (param $count i32)
  (param $value i32) (param $length i32) (result i32)
  (if (i32.eqz (local.get $count)) (then (return (i32.const 0))))
  (if (i32.eqz (call $fits (local.get $header) (local.get $count)
        (i32.mul (local.get $count)
          (select (local.get $length) (i32.const 0) (i32.gt_s (local.get $length) (i32.const 0))))))
    (then (return (i32.const 3))))
  (loop $again
    (call $emit (local.get $header) (local.get $record) (i32.const 0) (i32.const -2)
      (local.get $value) (local.get $length))
    (local.set $count (i32.sub (local.get $count) (i32.const 1)))
    (br_if $again (local.get $count)))
  (i32.const 1))
"""

HEADER, RECORD = "(local.get $header)", "(local.get $record)"
VALUE, LENGTH = "(local.get $value)", "(local.get $length)"
DIGIT = f"(i32.sub (i32.load8_u offset=1 {VALUE}) (i32.const 48))"


def _one(keyed: str = "(i32.const -2)", value: str = VALUE, length: str = LENGTH) -> str:
    return f"(call $one {HEADER} {RECORD} {VALUE} {keyed} {value} {length})"


DOES = {
    "e": f"(call $write {HEADER} {RECORD} (i32.const 1) (i32.const 0) (i32.const 7)) (i32.const 2)",
    "t": "(unreachable)",
    "T": f"(drop {_one()}) (unreachable)",
    "L": "(call $spin_for_ever) (i32.const 1)",
    "k": _one("(i32.const -1)"),
    "o": _one("(i32.const 1)"),
    "0": _one("(i32.const 0)"),
    "n": _one(length="(i32.const -1)"),
    "i": _one(length="(i32.const -2)"),
    "v": _one(length="(i32.const 0)"),
    "b": _one(value="(i32.const 0)", length=f"(i32.mul {DIGIT} (i32.const {STEP}))"),
    "p": f"(call $write {HEADER} {RECORD} (i32.const 4) (i32.const 0) (i32.const 7)) {_one()}",
}
"""What the guest does for a value that begins with this letter; see `outputs_of`."""
DROPS = {"d": "(i32.const 0)"}
SEVERAL = {
    "m": f"(call $many {HEADER} {RECORD} {DIGIT} {VALUE} {LENGTH})",
    "w": f"(call $many {HEADER} {RECORD} {DIGIT} {VALUE} (i32.const -2))",
}


def outputs_of(index: int, record: Record) -> list[Output]:
    """What comes out of one record."""
    key, value = record.key, record.value or b""
    match chr(value[0]) if value else "":
        case "e" | "t" | "T" | "L" | "d":
            return []
        case "k":
            return [(index, None, value)]
        case "o":
            return [(index, value[:1], value)]
        case "0":
            return [(index, b"", value)]
        case "n":
            return [(index, key, None)]
        case "i":
            return [(index, key, record.value)]
        case "v":
            return [(index, key, b"")]
        case "b":
            return [(index, key, b"x" * STEP * int(value[1:2]))]
        case "m" | "w":
            return [(index, key, value)] * int(value[1:2])
        case _:
            return [(index, key, value)]


FOLDS = {
    "hash": f"""
        (i64.store (i32.const 16) (i64.add
          (i64.mul (global.get $sum) (i64.const 31)) (i64.extend_i32_u (local.get $byte))))
        (if (result i32)
          (i32.eq {_one(value="(i32.const 16)", length="(i32.const 8)")} (i32.const 3))
          (then (i32.const 3))
          (else (global.set $sum (i64.load (i32.const 16))) (i32.const 1)))""",
    "append": f"""
        (if (result i32)
          (i32.eqz (call $fits {HEADER} (i32.const 1) (i32.add (global.get $size) {LENGTH})))
          (then (i32.const 3))
          (else
            (call $emit {HEADER} {RECORD} (i32.const 0) (i32.const -2) (global.get $at) (global.get $size))
            (call $extend {HEADER} {VALUE} {LENGTH})
            (i32.const 1)))""",
}
"""What aggregates do: a hash of the first bytes in 8 bytes, or the values appended to each other."""

FOLDING = """
(global $sum (mut i64) (i64.const 0))
(global $at (mut i32) (i32.const 0))
(global $size (mut i32) (i32.const 0))
(func $begin (param $header i32)
  (global.set $at (i32.load offset=88 (local.get $header)))
  (global.set $size (i32.load offset=92 (local.get $header)))
  (global.set $sum (i64.const 0))
  (if (i32.eq (global.get $size) (i32.const 8)) (then (global.set $sum (i64.load (global.get $at))))))
(func $extend (param $header i32) (param $value i32) (param $length i32)
  (local $area i32) (local $entry i32) (local $to i32)
  (local.set $area (i32.load offset=80 (local.get $header)))
  (local.set $to
    (i32.add (i32.add (local.get $area) (i32.const 16)) (i32.load offset=4 (local.get $area))))
  (memory.copy (local.get $to) (local.get $value) (local.get $length))
  (i32.store offset=4 (local.get $area) (i32.add (i32.load offset=4 (local.get $area)) (local.get $length)))
  (local.set $entry (i32.sub
    (i32.add (local.get $area) (i32.load offset=84 (local.get $header)))
    (i32.shl (i32.load (local.get $area)) (i32.const 4))))
  (i32.store offset=8 (local.get $entry)
    (i32.add (i32.load offset=8 (local.get $entry)) (local.get $length)))
  (global.set $size (i32.load offset=8 (local.get $entry)))
  (global.set $at (i32.sub (i32.add (local.get $to) (local.get $length)) (global.get $size))))
"""

LOOK_BACK = """
(func (export "smartstream_look_back") (param $header i32) (result i32)
  (call $each (local.get $header) (i32.const 1)))
"""
"""Counts the records that it is shown; fails on those that begin with `e` or `t`."""
INIT = """
(func (export "smartstream_init") (param $header i32) (result i32) {})
"""


def switch(cases: Mapping[str, str], otherwise: str) -> str:
    """An expression: what the case of the first byte says."""
    for letter, then in cases.items():
        is_first = f"(i32.eq (local.get $byte) (i32.const {ord(letter)}))"
        otherwise = f"(if (result i32) {is_first} (then {then}) (else {otherwise}))"
    return otherwise


def maker(kind: str, does: str | None = None, *, after: str = "", fields: str = "") -> bytes:
    """A module of a kind; `does` replaces what it does for each record, `after` ends each call."""
    cases = DOES | (DROPS if kind != "map" else {}) | (SEVERAL if kind == "array_map" else {})
    return _module(kind, switch(cases, _one()) if does is None else does, after=after, fields=fields)


def aggregate(fold: str, fields: str = "") -> bytes:
    """An aggregate, as `FOLDS` names it, that fails as other kinds do."""
    says = switch({letter: DOES[letter] for letter in "etTL"}, FOLDS[fold])
    return _module("aggregate", says, before=f"(call $begin {HEADER})", fields=fields)


def folded(fold: str, records: Sequence[bytes], accumulator: bytes = b"") -> list[bytes | None]:
    """The accumulator after each record; None where it fails."""
    found: list[bytes | None] = []
    for value in records:
        if value[:1] in (b"e", b"t", b"T", b"L"):
            found.append(None)
            continue
        if fold == "hash":
            before = int.from_bytes(accumulator, "little") if len(accumulator) == 8 else 0
            accumulator = ((before * 31 + (value or b"\0")[0]) % (1 << 64)).to_bytes(8, "little")
        else:
            accumulator += value
        found.append(accumulator)
    return found


def _module(kind: str, does: str, *, before: str = "", after: str = "", fields: str = "") -> bytes:
    return compiled(
        f"""
        (module
          (memory (export "memory") 1)
          (data (i32.const 0) "{TEXT}")
          (global $seen (mut i32) (i32.const 0))
          (func (export "smartstream_abi") (result i32) (i32.const 2))
          (func (export "smartstream_alloc") (param $size i32) (result i32) {ALLOC})
          {SPIN} {WRITE} {EMIT} {ONE} {FOLDING}
          (func $evaluate (param $header i32) (param $record i32) (param $value i32) (param $length i32)
            (result i32)
            (local $byte i32)
            (if {LENGTH} (then (local.set $byte (i32.load8_u {VALUE}))))
            {does})
          (func $see (param $header i32) (param $record i32) (param $value i32) (param $length i32)
            (result i32)
            (local $byte i32)
            (if {LENGTH} (then (local.set $byte (i32.load8_u {VALUE}))))
            (global.set $seen (i32.add (global.get $seen) (i32.const 1)))
            {switch({letter: DOES[letter] for letter in "etL"}, "(i32.const 1)")})
          (func (export "smartstream_{kind}") (param $header i32) (result i32)
            {before}
            (call $each (local.get $header) (i32.const 0)))
          (func $each (param $header i32) (param $past i32) (result i32)
            (local $record i32) (local $end i32) (local $at i32) (local $result i32)
            (local $value i32) (local $length i32)
            (local.set $record (i32.load offset=8 (local.get $header)))
            (local.set $end (i32.load offset=12 (local.get $header)))
            (loop $next
              (i32.store (i32.load offset=60 (local.get $header)) (local.get $record))
              (local.set $at
                (i32.add
                  (i32.load offset=32 (local.get $header))
                  (i32.shl (local.get $record) (i32.const 2))))
              (local.set $value
                (i32.add (i32.load offset=36 (local.get $header)) (i32.load (local.get $at))))
              (local.set $length
                (i32.sub (i32.load offset=4 (local.get $at)) (i32.load (local.get $at))))
              (local.set $result
                (if (result i32) (local.get $past)
                  (then (call $see {HEADER} {RECORD} {VALUE} {LENGTH}))
                  (else (call $evaluate {HEADER} {RECORD} {VALUE} {LENGTH}))))
              (if (i32.eq (local.get $result) (i32.const 3)) (then (return (local.get $record))))
              (i32.store8
                (i32.add (i32.load offset=56 (local.get $header)) (local.get $record))
                (local.get $result))
              (local.set $record (i32.add (local.get $record) (i32.const 1)))
              (br_if $next (i32.lt_u (local.get $record) (local.get $end))))
            {after}
            (local.get $record))
          {fields})
        """
    )


def expected_outputs(batch: Batch) -> list[Output]:
    return [output for index in range(len(batch)) for output in outputs_of(index, batch.record(index))]


def made_outputs(evaluation: Evaluation, batch: Batch) -> list[Output]:
    """The outputs of an evaluation of a batch."""
    records = evaluation.outputs.records(batch.records)
    keys, values = records.column("key").to_pylist(), records.column("value").to_pylist()
    return list(zip(evaluation.outputs.source.tolist(), keys, values, strict=True))


def same_inputs(evaluation: Evaluation, batch: Batch) -> bool:
    """Whether each output has the time and the headers of its input."""
    made = evaluation.outputs.records(batch.records)
    inputs = batch.records.take(evaluation.outputs.source)
    return all(made.column(name).equals(inputs.column(name)) for name in ("timestamp", "headers"))


def keyed(values: Sequence[bytes | None]) -> list[bytes | None]:
    """A key for two records of three."""
    return [None if index % 3 == 0 else b"key %d" % index for index in range(len(values))]
