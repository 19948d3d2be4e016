"""Modules with Fluvio's exports, written by hand: each test says byte for byte what they get and answer."""

import struct
from collections.abc import Sequence

import pytest
from wasmtime import wat2wasm

from engine.errors import ContractError, InitError, LookBackError
from engine.records.batch import Batch, record_batch
from engine.records.evaluation import Evaluation
from engine.records.verdicts import Status
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream

ALLOC = """
  (memory (export "memory") 100)
  (func (export "alloc") (param $size i32) (result i32)
    (select (i32.const 131072) (i32.const 262144) (i32.lt_u (local.get $size) (i32.const 65536))))
  (func (export "dealloc") (param i32 i32))"""
"""One place for an input, and one for the region that the host writes into."""

ANSWERS = '(import "env" "copy_records" (func $copy_records (param i32 i32)))'
WASI = '(import "wasi_snapshot_preview1" "clock" (func {}))'

HEX_OF_INPUT = """
  (func $digit (param $at i32) (param $number i32)
    (i32.store8 (local.get $at)
      (i32.add (local.get $number)
        (select (i32.const 87) (i32.const 48) (i32.gt_u (local.get $number) (i32.const 9))))))
  (func (export "init") (param $input i32) (param $size i32) (param i32) (result i32)
    (local $at i32)
    (i32.store8 (i32.const 70001) (i32.mul (local.get $size) (i32.const 2)))
    (loop $more
      (call $digit (i32.add (i32.const 70002) (i32.mul (local.get $at) (i32.const 2)))
        (i32.shr_u (i32.load8_u (i32.add (local.get $input) (local.get $at))) (i32.const 4)))
      (call $digit (i32.add (i32.const 70003) (i32.mul (local.get $at) (i32.const 2)))
        (i32.and (i32.load8_u (i32.add (local.get $input) (local.get $at))) (i32.const 15)))
      (br_if $more
        (i32.lt_u (local.tee $at (i32.add (local.get $at) (i32.const 1))) (local.get $size))))
    (call $copy_records (i32.const 70000) (i32.add (i32.const 2) (i32.mul (local.get $size) (i32.const 2))))
    (i32.const -2))"""
"""An init that fails with its input, in hexadecimal digits, as its hint."""


def varint(number: int) -> bytes:
    number <<= 1
    coded = b""
    while number >= 0x80:
        coded += bytes([number & 0x7F | 0x80])
        number >>= 7
    return coded + bytes([number])


def record(value: bytes, key: bytes | None = None) -> bytes:
    coded_key = b"\0" if key is None else b"\1" + varint(len(key)) + key
    body = b"\0\0\0" + coded_key + varint(len(value)) + value + b"\0"
    return varint(len(body)) + body


def output(*records: bytes, error: str | None = None) -> bytes:
    failed = b"\0" if error is None else b"\1" + text(error) + struct.pack(">q", 7) + b"\0\0" + varint(0)
    return struct.pack(">I", len(records)) + b"".join(records) + failed


def text(words: str) -> bytes:
    return struct.pack(">H", len(words.encode())) + words.encode()


def escaped(content: bytes) -> str:
    return "".join(f"\\{byte:02x}" for byte in content)


def module(kind: str, answer: bytes | None, *, status: int = 0, more: str = "") -> bytes:
    """Gives the same answer to every call; None does not call back."""
    call = "" if answer is None else f"(call $copy_records (i32.const 65536) (i32.const {len(answer)}))"
    return bytes(
        wat2wasm(f"""(module
          (import "env" "copy_records" (func $copy_records (param i32 i32)))
          {ALLOC}
          (data (i32.const 65536) "{escaped(answer or b"")}")
          (func (export "{kind}") (param i32 i32 i32) (result i32) {call} (i32.const {status}))
          {more})""")
    )


def echo(kind: str, more: str = "") -> bytes:
    """Answers with one record, whose value is the input as it came."""
    # Lengths are five bytes: a varint may be padded.
    return bytes(
        wat2wasm(f"""(module
          (import "env" "copy_records" (func $copy_records (param i32 i32)))
          {ALLOC}
          (data (i32.const 65536) "\\00\\00\\00\\01")
          (func $varint (param $at i32) (param $number i32)
            (local $left i32)
            (local.set $left (i32.shl (local.get $number) (i32.const 1)))
            (i32.store8 (local.get $at) (i32.or (local.get $left) (i32.const 128)))
            (i32.store8 offset=1 (local.get $at)
              (i32.or (i32.shr_u (local.get $left) (i32.const 7)) (i32.const 128)))
            (i32.store8 offset=2 (local.get $at) (i32.shr_u (local.get $left) (i32.const 14))))
          (func (export "{kind}") (param $input i32) (param $size i32) (param i32) (result i32)
            (call $varint (i32.const 65540) (i32.add (local.get $size) (i32.const 8)))
            (call $varint (i32.const 65547) (local.get $size))
            (memory.copy (i32.const 65550) (local.get $input) (local.get $size))
            (i32.store16 (i32.add (i32.const 65550) (local.get $size)) (i32.const 0))
            (call $copy_records (i32.const 65536) (i32.add (i32.const 16) (local.get $size)))
            (i32.const 1))
          {more})""")
    )


def evaluated(
    wasm: bytes, values: Sequence[bytes], keys: Sequence[bytes | None] | None = None, **config: object
) -> tuple[Evaluation, list[tuple[bytes | None, bytes | None]]]:
    batch = Batch.consecutive(
        0, 100, record_batch(values, keys=keys, timestamps=[1000 + i for i in range(len(values))])
    )
    with SmartStream(wasm, name="sm", config=ModuleConfig(**config)) as smartstream:  # type: ignore[arg-type]
        evaluation = smartstream.evaluate(batch)
    made = evaluation.outputs.records(batch.records)
    return evaluation, list(
        zip(made.column("key").to_pylist(), made.column("value").to_pylist(), strict=True)
    )


def test_record_is_given_with_its_offset_time_and_key() -> None:
    _, outputs = evaluated(echo("map"), [b"hi", b""], [b"k", None])
    first, second = (value for _, value in outputs)
    assert first == bytes.fromhex(
        "0000000000000064 0000000f 00000001 14 00 00 00 01 02 6b 04 6869 00 0000 00 00000000 00000000000003e8"
    )
    assert second == struct.pack(">q", 101) + bytes.fromhex(
        "0000000b 00000001 0c 00 00 00 00 00 00 0000 00 00000000 00000000000003e9"
    )


def test_long_values_have_long_lengths() -> None:
    value = bytes(range(256)) * 160
    _, ((_, found),) = evaluated(echo("map"), [value])
    body = b"\0\0\0\0" + varint(len(value)) + value + b"\0"
    assert found is not None
    assert varint(len(body)) + body in found


def test_aggregate_gets_the_accumulator_last() -> None:
    _, outputs = evaluated(echo("aggregate"), [b"x", b"y"], aggregate_initial=b"12")
    first, second = (value for _, value in outputs)
    assert first is not None
    assert second is not None
    assert first.endswith(bytes.fromhex("00000002 3132"))
    assert second.endswith(struct.pack(">I", len(first)) + first)


def test_keys_and_values_come_out_as_answered() -> None:
    answer = output(record(b"abc", b"k"), record(b""), record(b"\xff", b""))
    evaluation, outputs = evaluated(module("array_map", answer), [b"1", b"2"])
    assert outputs == [(b"k", b"abc"), (None, b""), (b"", b"\xff")] * 2
    assert evaluation.outputs.source.tolist() == [0, 0, 0, 1, 1, 1]


def test_outputs_of_many_calls_arrive_whole() -> None:
    answer = output(*(record(bytes([65 + i]) * 300) for i in range(10)))
    evaluation, outputs = evaluated(module("array_map", answer), [b"x"] * 1000)
    assert evaluation.evaluated == 1000
    assert [value for _, value in outputs] == [bytes([65 + i]) * 300 for i in range(10)] * 1000


@pytest.mark.parametrize(("answer", "verdicts"), [(output(record(b"x")), [1, 1]), (output(), [0, 0])])
def test_filter_passes_a_record_that_comes_back(answer: bytes, verdicts: list[int]) -> None:
    evaluation, _ = evaluated(module("filter", answer), [b"a", b"b"])
    assert evaluation.verdicts.tolist() == verdicts


def test_error_is_the_records_own_and_its_hint_is_shown() -> None:
    evaluation, outputs = evaluated(module("map", output(error="no\n\nCaused by:\n    ü")), [b"a", b"b"])
    assert outputs == []
    assert [(fault.index, fault.message) for fault in evaluation.faults] == [
        (0, "no\n\nCaused by:\n    ü"),
        (1, "no\n\nCaused by:\n    ü"),
    ]
    assert set(evaluation.status) == {Status.ERROR}


@pytest.mark.parametrize(
    ("wasm", "message"),
    [
        (module("map", None), "its module returned without an answer: it did not call copy_records"),
        (module("map", None, status=-11), "its module could not read its input (status -11 or -22)"),
        (module("aggregate", None, status=-22), "its module could not read its input (status -11 or -22)"),
        (module("map", None, status=-33), "its module could not write its answer (status -33)"),
        (module("map", None, status=-77), "its module failed with a status that Fluvio does not explain"),
        (module("map", b""), "its module's answer cannot be read"),
        (module("map", b"\xff\xff\xff\xff"), "its module's answer cannot be read"),
        (module("map", b"\0\0\0\1\x0e\0\0\0\1\xff\xff\xff\xff\x0f"), "its module's answer cannot be read"),
        (module("map", b"\0\0\0\1" + record(b"abc")[:-3]), "its module's answer cannot be read"),
        (module("map", b"\0\0\0\0\1\xff\xffab"), "its module's answer cannot be read"),
        (module("filter", b"\0\0\0\1"), "its module's answer cannot be read"),
    ],
)
def test_answer_that_cannot_be_used_is_an_error_of_the_record(wasm: bytes, message: str) -> None:
    evaluation, outputs = evaluated(wasm, [b"a", b"b"])
    assert [fault.message for fault in evaluation.faults] == [message] * 2
    assert outputs == []


def test_answer_outside_of_memory_is_refused() -> None:
    wasm = wat2wasm(f"""(module
      (import "env" "copy_records" (func $copy_records (param i32 i32)))
      {ALLOC}
      (func (export "map") (param i32 i32 i32) (result i32)
        (call $copy_records (i32.const 0x7ffffff0) (i32.const 0x7fffffff)) (i32.const 0)))""")
    evaluation, _ = evaluated(bytes(wasm), [b"a"])
    assert [fault.message for fault in evaluation.faults] == ["its module's answer cannot be read"]


def test_trap_is_the_fault_of_its_record() -> None:
    more = '(func (export "filter") (param i32 i32 i32) (result i32) unreachable)'
    wasm = wat2wasm(f"""(module
      (import "env" "copy_records" (func (param i32 i32)))
      {ALLOC} {more})""")
    evaluation, _ = evaluated(bytes(wasm), [b"a", b"b"])
    assert set(evaluation.status) == {Status.TRAP}
    assert evaluation.evaluated == 2


def init(answer: bytes | None, status: int) -> bytes:
    call = "" if answer is None else f"(call $copy_records (i32.const 70000) (i32.const {len(answer)}))"
    return module(
        "filter",
        output(),
        more=f"""(data (i32.const 70000) "{escaped(answer or b"")}")
          (func (export "init") (param i32 i32 i32) (result i32) {call} (i32.const {status}))""",
    )


@pytest.mark.parametrize(
    ("wasm", "message"),
    [
        (init(text("no word"), -2), "no word"),
        (init(None, -10), "its module failed with a status that Fluvio does not explain"),
        (init(None, -2), "its module returned without an answer: it did not call copy_records"),
    ],
)
def test_init_that_fails_says_why(wasm: bytes, message: str) -> None:
    with pytest.raises(InitError) as caught:
        SmartStream(wasm, name="sm")
    assert message in caught.value.message


@pytest.mark.parametrize(
    ("config", "given"),
    [
        (ModuleConfig(), "0000 00"),
        (ModuleConfig(params={"key": "a"}), "0001 0003 6b6579 0001 61 00"),
        (ModuleConfig(params={"b": "", "a": "é"}), "0002 0001 61 0002 c3a9 0001 62 0000 00"),
        (
            ModuleConfig(look_back=LookBack(last=7, age_ms=1500)),
            "0000 01 0000000000000007 01 0000000000000001 1dcd6500",
        ),
        (ModuleConfig(look_back=LookBack(last=7)), "0000 01 0000000000000007 00"),
        (
            ModuleConfig(look_back=LookBack(age_ms=60_000)),
            "0000 01 0000000000000000 01 000000000000003c 00000000",
        ),
    ],
)
def test_init_gets_parameters_and_look_back(config: ModuleConfig, given: str) -> None:
    with pytest.raises(InitError) as caught:
        SmartStream(echo("map", HEX_OF_INPUT), name="sm", config=config)
    assert caught.value.message.endswith(given.replace(" ", ""))


def test_parameter_too_long_for_fluvio_is_refused() -> None:
    config = ModuleConfig(params={"key": "a" * 32_768})
    with pytest.raises(InitError, match="longer than 32,767 bytes"):
        SmartStream(echo("map", HEX_OF_INPUT), name="sm", config=config)


def test_look_back_that_fails_says_why() -> None:
    answer = text("bad") + struct.pack(">q", 1) + b"\0" + varint(0)
    more = f"""(data (i32.const 70000) "{escaped(answer)}")
      (func (export "look_back") (param i32 i32 i32) (result i32)
        (call $copy_records (i32.const 70000) (i32.const {len(answer)})) (i32.const -99))"""
    config = ModuleConfig(look_back=LookBack(last=1))
    stored = [Batch.consecutive(0, 0, record_batch([b"x"]))]
    with (
        SmartStream(module("filter", output(), more=more), name="sm", config=config) as smartstream,
        pytest.raises(LookBackError, match="bad"),
    ):
        smartstream.look_back(stored)


@pytest.mark.parametrize(
    ("exports", "problem"),
    [
        ('(memory (export "memory") 1)', "without memory or alloc"),
        (
            '(memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (i32.const 0))',
            "without a transform: filter, map, filter_map, array_map, aggregate",
        ),
        (
            '(memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (i32.const 0))'
            '(func (export "filter") (param i32 i32) (result i32) (i32.const 0))',
            "exports filter as Fluvio's modules did before 2022",
        ),
    ],
)
def test_module_without_what_fluvio_asks_for_is_refused(exports: str, problem: str) -> None:
    wasm = wat2wasm(f'(module (import "env" "copy_records" (func (param i32 i32))) {exports})')
    with pytest.raises(ContractError) as caught:
        SmartStream(bytes(wasm), name="sm")
    assert problem in caught.value.message


def test_module_that_imports_more_is_refused() -> None:
    wasm = wat2wasm("""(module (import "env" "copy_records" (func (param i32 i32)))
      (import "env" "open" (func (param i32)))
      (memory (export "memory") 1) (func (export "alloc") (param i32) (result i32) (i32.const 0))
      (func (export "filter") (param i32 i32 i32) (result i32) (i32.const 0)))""")
    with pytest.raises(ContractError, match=r"imports env\.open"):
        SmartStream(bytes(wasm), name="sm")


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ('(import "env" "copy_records" (func (param v128 i32)))', r"imports env\.copy_records"),
        (f"{ANSWERS} {WASI.format('(param v128 i32) (result i32)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(param i32) (result v128)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(param i32 f32) (result i32)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(param funcref) (result i32)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(result funcref)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(result i32 i32)')}", "imports wasi"),
        (f"{ANSWERS} {WASI.format('(param i32 i32)')}", "imports wasi"),
        (f'{ANSWERS} (import "wasi_snapshot_preview1" "proc_exit" (global i32))', "imports wasi"),
        (f'{ANSWERS} (func (export "init") (param v128 i32 i32) (result i32) (i32.const 0))', "exports init"),
        (f'{ANSWERS} (global (export "init") v128 (v128.const i64x2 0 0))', "exports init"),
    ],
)
def test_types_that_would_end_the_program_or_another_call_are_refused(fields: str, named: str) -> None:
    wasm = wat2wasm(f"""(module {fields} {ALLOC}
      (func (export "filter") (param i32 i32 i32) (result i32) (i32.const 0)))""")
    with pytest.raises(ContractError, match=named):
        SmartStream(bytes(wasm), name="sm")


def printing(checks: str, data: bytes = b"") -> bytes:
    """A map that makes `checks` with the functions of the system; `data` is from address 0 on."""
    answer = output(record(b"refused"))
    return bytes(
        wat2wasm(f"""(module {ANSWERS}
          (import "wasi_snapshot_preview1" "fd_write"
            (func $fd_write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_sizes_get" (func $sizes (param i32 i32) (result i32)))
          {ALLOC}
          (data (i32.const 0) "{escaped(data)}")
          (data (i32.const 65536) "{escaped(answer)}")
          (func (export "map") (param i32 i32 i32) (result i32)
            {checks}
            (call $copy_records (i32.const 65536) (i32.const {len(answer)}))
            (i32.const 1)))""")
    )


def test_addresses_outside_the_memory_are_refused_by_system_functions() -> None:
    calls = [
        *(
            f"(call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const {address}))"
            for address in (-1, -8, -2147483648, 2147483647)
        ),
        *(
            f"(call $fd_write (i32.const 1) (i32.const {vectors}) (i32.const 1) (i32.const 0))"
            for vectors in (-1, -16, 100 * 65_536, 100 * 65_536 - 4)
        ),
        "(call $sizes (i32.const 0) (i32.const -1))",
        "(call $sizes (i32.const -1) (i32.const 0))",
    ]
    checks = "".join(f"(if (i32.ne {call} (i32.const 21)) (then (unreachable)))" for call in calls)
    _, outputs = evaluated(printing(checks), [b"a"])
    assert outputs == [(None, b"refused")]


@pytest.mark.parametrize(
    ("count", "length", "written"),
    [(2_000, 1, 1_024), (1, 100_000, 65_536), (2**31 - 1, 0, 0), (-1, 1, 0)],
)
def test_what_one_call_prints_is_limited(count: int, length: int, written: int) -> None:
    """A module could ask the host to read gigabytes, which no limit of time would end."""
    checks = f"""(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const {count}) (i32.const 60000)))
      (if (i32.ne (i32.load (i32.const 60000)) (i32.const {written})) (then (unreachable)))"""
    _, outputs = evaluated(printing(checks, struct.pack("<2I", 0, length) * 2_000), [b"a"])
    assert outputs == [(None, b"refused")]


def test_what_is_kept_of_printed_lines_is_limited() -> None:
    prints = "(drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 60000)))"
    data = struct.pack("<2I", 8, 40_000) + b"x" * 39_999 + b"\n"
    evaluation, outputs = evaluated(printing(prints * 2, data), [b"a"])
    assert [len(line.text) for line in evaluation.printed] == [39_999]
    assert outputs == [(None, b"refused")]
