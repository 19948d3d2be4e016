"""Parameters and look-back: what a guest gets before its first record, in each instance."""

import struct

import pytest

from engine.errors import ContractError, InitError, LookBackError, SmartStreamError
from engine.records.batch import Batch, record_batch
from engine.records.faults import PrintedLine
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.limits import Limits
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime.wat_guests import STACK
from tests.engine.runtime.wat_makers import LOOK_BACK, maker, switch

HEADER = "(local.get $header)"
KEEP = f"""
(memory.copy (i32.const 2048) {HEADER} (i32.const 128))
(memory.copy (i32.const 2176) (i32.load offset=96 {HEADER}) (i32.load offset=100 {HEADER}))
(global.set $kept (i32.add (i32.const 128) (i32.load offset=100 {HEADER})))
(i32.const 0)"""
"""An init that keeps its header and its parameters."""
SAY = "(i32.store (i32.load offset=60 {0}) (i32.const 0)) (call $write {0} (i32.const 0) {1})"
SHOW = "(call $one (local.get $header) (local.get $record) (i32.const 0) (i32.const -1) {} {})"


def init(body: str) -> str:
    function = f'(func (export "smartstream_init") (param $header i32) (result i32) {body})'
    return f'{function} (global $kept (mut i32) (i32.const 0)) (data (i32.const 1024) "no unit  f.rs:7:13")'


def says(kind: int, start: int, length: int) -> str:
    numbers = " ".join(f"(i32.const {number})" for number in (kind, start, length))
    return SAY.format(HEADER, numbers)


def one(*values: bytes) -> Batch:
    return Batch.consecutive(0, 0, record_batch(values, timestamps=0))


def shown(stream: SmartStream, *values: bytes) -> list[bytes]:
    batch = one(*values)
    return stream.evaluate(batch).outputs.records(batch.records).column("value").to_pylist()


@pytest.mark.parametrize(
    ("look_back", "bounds"),
    [
        (None, (-1, -1)),
        (LookBack(last=0), (0, -1)),
        (LookBack(age_ms=1500), (-1, 1500)),
        (LookBack(last=7, age_ms=1 << 40), (7, 1 << 40)),
    ],
)
def test_init_gets_parameters_and_bounds(look_back: LookBack | None, bounds: tuple[int, int]) -> None:
    params = {"unit": "°C", "a": "", "limit": "30"}
    config = ModuleConfig(params=params, look_back=look_back)
    show = SHOW.format("(i32.const 2048)", "(global.get $kept)")
    with SmartStream(maker("map", show, fields=init(KEEP)), config=config) as stream:
        (kept,) = shown(stream, b"x")
    header, parameters = kept[:128], kept[128:]
    assert struct.unpack_from("<3I", header, 4) == (128, 0, 0)
    assert struct.unpack_from("<I", header, 28) == (0,), "no records"
    assert struct.unpack_from("<2q", header, 104) == bounds
    expected = struct.pack("<I", 3)
    for name, value in (("a", ""), ("limit", "30"), ("unit", "°C")):
        expected += struct.pack("<2I", len(name), len(value.encode())) + name.encode() + value.encode()
    assert parameters == expected


def test_init_is_called_without_parameters_and_in_each_instance() -> None:
    show = SHOW.format("(i32.const 2176)", "(i32.sub (global.get $kept) (i32.const 128))")
    trap = switch({"t": "(unreachable)"}, show)
    with SmartStream(maker("map", trap, fields=init(KEEP))) as stream:
        assert shown(stream, b"x", b"t", b"x") == [bytes(4)] * 2
        assert stream.restarts == 1


def test_a_module_without_init_ignores_parameters() -> None:
    with SmartStream(maker("map"), config=ModuleConfig(params={"a": "b"})) as stream:
        assert shown(stream, b"x") == [b"x"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (f"{says(1, 1024, 7)} (i32.const 1)", "f.rs: init error: no unit"),
        ("(i32.const 1)", "f.rs: init error: returned an error without a text"),
        (
            f"{says(2, 1024, 7)} {says(3, 1033, 9)} (unreachable)",
            "f.rs: init error: no unit (f.rs:7:13)",
        ),
        ("(unreachable)", "f.rs: init error: aborted without a message (a panic or an abort)"),
        ("(call $spin_for_ever) (i32.const 0)", "f.rs: init error: took longer than 50 ms"),
    ],
    ids=["error", "no text", "panic", "trap", "endless"],
)
def test_init_errors(body: str, message: str) -> None:
    config = ModuleConfig(limits=Limits(start_seconds=0.05))
    with pytest.raises(InitError) as caught:
        SmartStream(maker("map", fields=init(body)), name="f.rs", config=config)
    assert caught.value.message == message
    assert caught.value.code == "init"
    assert caught.value.location == ("f.rs:7:13" if "f.rs:7" in message else "")


@pytest.mark.parametrize(
    ("params", "more"),
    [
        ({"patern": "x"}, "; unknown parameter 'patern': did you mean 'pattern'?"),
        ({"Pattern": "x", "city": ""}, "; unknown parameter 'Pattern': did you mean 'pattern'?"),
        ({"city": "x"}, ""),
        ({}, ""),
    ],
)
def test_a_misspelt_parameter_is_named_with_the_missing_one(params: dict[str, str], more: str) -> None:
    said = "missing parameter pattern: set it with -e pattern=…"
    fields = init(f"{says(1, 2048, len(said.encode()))} (i32.const 1)") + f'(data (i32.const 2048) "{said}")'
    with pytest.raises(InitError) as caught:
        SmartStream(maker("map", fields=fields), name="f.rs", config=ModuleConfig(params=params))
    assert caught.value.message == f"f.rs: init error: {said}{more}"


def test_an_init_that_returns_nonsense_breaks_the_contract() -> None:
    with pytest.raises(ContractError, match="smartstream_init returned 7"):
        SmartStream(maker("map", fields=init("(i32.const 7)")), name="f.rs")


def test_parameters_that_do_not_fit() -> None:
    config = ModuleConfig(params={"a": "x" * (1 << 20)}, limits=Limits(memory_bytes=4 << 16))
    with pytest.raises(InitError, match="more than the limit of 256 KiB leaves"):
        SmartStream(maker("map", fields=init("(i32.const 0)")), config=config)


SEEN = SHOW.format("(i32.const 16)", "(i32.const 4)")
SHOW_SEEN = f"(i32.store (i32.const 16) (global.get $seen)) {SEEN}"


def seen(stream: SmartStream, *values: bytes) -> list[int]:
    return [int.from_bytes(value, "little") for value in shown(stream, *values)]


@pytest.mark.parametrize("fields", ["", STACK], ids=["fresh instances", "same instance"])
def test_each_fresh_instance_looks_back(fields: str) -> None:
    trap = switch({"t": "(unreachable)"}, SHOW_SEEN)
    stored = [one(*[b"s"] * 700), one(), one(b"s" * 3_000_000, b"s" * 3_000_000)]
    with SmartStream(maker("map", trap, fields=LOOK_BACK + fields)) as stream:
        assert seen(stream, b"x") == [0]
        stream.look_back(stored)
        assert seen(stream, b"x", b"t", b"x") == [702, 702]
        assert stream.restarts == (0 if fields else 1)
        stream.renew()
        assert seen(stream, b"x") == [702]
        stream.look_back([one(b"s")])
        assert seen(stream, b"x") == [1]


def test_a_module_that_does_not_look_back_ignores_stored_records() -> None:
    with SmartStream(maker("map", SHOW_SEEN)) as stream:
        stream.look_back([one(b"e")])
        assert seen(stream, b"x") == [0]


@pytest.mark.parametrize(
    ("letter", "message"),
    [
        (b"e", "f.rs: look-back error: no good"),
        (b"t", "f.rs: look-back error: aborted without a message (a panic or an abort)"),
        (b"L", "f.rs: look-back error: a record took longer than 20 ms"),
    ],
)
def test_look_back_errors(letter: bytes, message: str) -> None:
    config = ModuleConfig(limits=Limits(record_seconds=0.02))
    with SmartStream(maker("map", fields=LOOK_BACK), name="f.rs", config=config) as stream:
        with pytest.raises(LookBackError) as caught:
            stream.look_back([one(b"s", b"s"), one(b"s", letter, b"s")])
        assert (caught.value.message, caught.value.code) == (message, "look-back")
        with pytest.raises(SmartStreamError, match="closed"):
            stream.evaluate(one(b"x"))


def test_lines_printed_in_a_look_back_are_no_lines_of_records() -> None:
    with SmartStream(maker("map", fields=LOOK_BACK)) as stream:
        stream.look_back([one(b"p")])
        assert stream.evaluate(one(b"p")).printed == (PrintedLine(0, "no good"),)
