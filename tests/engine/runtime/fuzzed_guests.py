"""Mutated modules, and modules that lie at random; run with `python -m`."""

import random
import re

from engine.errors import ContractError
from engine.records.batch import Batch
from engine.records.evaluation import Evaluation
from engine.records.outputs import Produced
from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.runtime import wat_makers
from tests.engine.runtime.configs import limited
from tests.engine.runtime.wat_guests import (
    ALLOC,
    RECORD,
    SPIN,
    STACK,
    WRITE,
    batch,
    compiled,
    guest,
    letters,
    sparse,
    when,
    written,
)
from tests.fuzzing import serve

MODULES = ("digit.wat", "fields.wat")
LIMITS = limited(record_seconds=0.01, start_seconds=0.02, call_seconds=0.1, memory_bytes=4 << 20)
NUMBER = re.compile(r"(?<=i32\.const )-?(?:0x[0-9a-f]+|[0-9]+)|(?<=offset=)[0-9]+")
RECORDS = sparse([b"abc", b"a1", b"", b"x" * 40, None], [1, 1, 3, 1, 1], [None, b"k", b"", None, b"k"])
FAULTS = (Verdict.ERROR, Verdict.TRAP, Verdict.TIMEOUT)

HEADER = "(local.get $header)"
AREA = f"(i32.load offset=64 {HEADER})"
END = "(local.get $end)"
NUMBERS = (0, 1, 3, 4, 7, 4096, 4100, 65_528, 65_536, 70_000, 0x7FFFFFF8, 0x80000000, -1, -8)
DECLARED = "(local $missing i32)"
SPINS = "(call $spin_for_ever)"
UNREAD = (0, 4, 16, 24, 28, 56, 60, 64, 68, 72, 76, 80)
"""Fields of the header that the skeleton does not need to find a record."""
AWAY = (0, 64, 0x7FFFFFF0, -1)
"""Addresses outside of all records."""
LETTERS = {"p": Verdict.PASS, "d": Verdict.DROP, "e": Verdict.ERROR, "t": Verdict.TRAP}
LYING = {"g": Verdict.PASS, "m": Verdict.PASS, "u": Verdict.PASS, "w": Verdict.PASS}
"""Values for which it grows its memory, writes invalid messages, and writes into the header."""


def change_bytes(chance: random.Random) -> str:
    return fate(with_other_bytes(compiled(written(chance.choice(MODULES))), chance), RECORDS)


def with_other_bytes(wasm: bytes, chance: random.Random) -> bytes:
    data = bytearray(wasm)
    for _ in range(chance.choice((1, 1, 1, 2, 4))):
        at = chance.randrange(8, len(data))
        how = chance.randrange(4)
        if how == 0:
            data[at] ^= 1 << chance.randrange(8)
        elif how == 1:
            data[at] = chance.randrange(256)
        elif how == 2:
            data[at] = chance.choice((0, 1, 0x0B, 0x20, 0x40, 0x6A, 0x7F, 0xFF))
        else:
            del data[at]
    return bytes(data)


def change_numbers(chance: random.Random) -> str:
    wat = written(chance.choice(MODULES))
    for _ in range(chance.choice((1, 1, 2))):
        found = chance.choice(list(NUMBER.finditer(wat)))
        new = chance.choice((0, 1, 3, 4, 8, 32, 36, 40, 56, 60, 64, 70_000, 0x7FFFFFF0))
        wat = wat[: found.start()] + str(new) + wat[found.end() :]
    return fate(compiled(wat), RECORDS)


def fate(wasm: bytes, records: Batch) -> str:
    try:
        stream = SmartStream(wasm, config=LIMITS)
    except ContractError:
        return "refused"
    with stream:
        try:
            for _ in range(2):
                check(stream.evaluate(records), len(records))
        except ContractError:
            return "stopped"
    return "evaluated"


def lie_about_outputs(chance: random.Random) -> str:
    """A guest that makes records, and at the end of a call writes anywhere into its output area."""
    after = "".join(output_lie(chance) for _ in range(chance.choice((1, 1, 2, 4))))
    kind = chance.choice((*wat_makers.KINDS, "aggregate"))
    if kind == "aggregate":
        # It has no hook at its end: what it adds to its outputs lies.
        wasm = wat_makers.aggregate(chance.choice([*wat_makers.FOLDS]))
    else:
        wasm = wat_makers.maker(kind, after=after if chance.random() < 0.8 else "")
    if chance.random() < 0.3 or kind == "aggregate":
        wasm = with_other_bytes(wasm, chance)
    values = ["".join(chance.choices("etTkoniivpdmwxb", k=1)) + f"{chance.randrange(10)}" for _ in range(9)]
    return fate(wasm, batch([value.encode() for value in values]))


def output_lie(chance: random.Random) -> str:
    area, size = f"(i32.load offset=80 {HEADER})", f"(i32.load offset=84 {HEADER})"
    numbers = (*NUMBERS, 2, 16, -2, -3, 1 << 20, 4 << 20, 0x0FFFFFFF, 0x10000001)
    some = f"(i32.const {chance.choice(numbers)})"
    how = chance.randrange(4)
    if how == 0:
        return f"(i32.store offset={chance.choice((0, 4, 8, 12))} {area} {some})"
    if how == 1:
        entry = f"(i32.sub (i32.add {area} {size}) (i32.const {4 * chance.randrange(1, 40)}))"
        return f"(i32.store {entry} {some})"
    if how == 2:
        return f"(i32.store offset={chance.choice((80, 84, 88, 92))} {HEADER} {some})"
    return f"(i32.store offset={chance.choice((0, 4))} {area} (i32.add (i32.load {area}) {some}))"


def lie(chance: random.Random) -> str:
    """A guest with correct results that lies about everything else."""
    parts = {name: lie for name, lie in lies(chance).items() if chance.random() < 0.25}
    known = LETTERS | (LYING if chance.random() < 0.5 else {})
    honest = not parts and known == LETTERS
    text = "".join(
        chance.choices([*known], (9, 4, 3, 1, 1, 1, 1, 1)[: len(known)], k=chance.randrange(1, 28))
    )
    fields = SPIN + WRITE + chance.choice(("", STACK))
    answer = f"(i32.const {chance.choice((1, 2))})"
    wasm = guest(says(chance), fields=fields, **({"abi": answer} | parts))
    try:
        with SmartStream(wasm, config=limited() if honest else LIMITS) as stream:
            for _ in range(2):
                evaluation = stream.evaluate(letters(text))
                check(evaluation, len(text))
                check_verdicts(evaluation, [known[letter] for letter in text], honest)
    except ContractError:
        assert not honest, parts
        return "refused"
    return "evaluated"


def lies(chance: random.Random) -> dict[str, str]:
    some = number(chance)
    grown = f"(drop (memory.grow (i32.const {chance.choice((1, 30, 60, 65_535, -1))})))"
    around = chance.choice((f"(i32.add {RECORD} (i32.const 1))", f"(i32.sub {RECORD} (i32.const 1))"))
    grows = ALLOC.replace(DECLARED, DECLARED + grown)
    at_the_end = "(i32.mul (memory.size) (i32.const 65536))"
    return {
        "memory": chance.choice(("0", "1 1", "1 2", "4", "65", "65536")),
        "abi": chance.choice((some, "(unreachable)", f"{SPINS} (i32.const 1)")),
        "alloc": chance.choice((some, some, at_the_end, grows, "(unreachable)", SPINS + some)),
        "enter": chance.choice((grown, grown, "(unreachable)", SPINS, message(chance), header(chance))),
        "progress": chance.choice((some, around, END, grown + RECORD)),
        "result": chance.choice((some, around, END, f"(i32.load offset=8 {HEADER})")),
    }


def number(chance: random.Random) -> str:
    return f"(i32.const {chance.choice(NUMBERS)})"


def says(chance: random.Random) -> str:
    answer = "(i32.const 1)"
    for letter, then in {
        "d": "(i32.const 0)",
        "e": "(i32.const 2)",
        "t": "(unreachable)",
        "g": f"(drop (memory.grow (i32.const {chance.choice((1, 20, 63))}))) (i32.const 1)",
        "m": f"{message(chance)} (i32.const 1)",
        "u": f"(i32.store {AREA} {number(chance)}) (i32.const 1)",
        "w": f"{header(chance)} (i32.const 1)",
    }.items():
        answer = when(letter, then, answer)
    return answer


def message(chance: random.Random) -> str:
    """Writes an invalid one inside the message area."""
    record = chance.choice((RECORD, END, number(chance)))
    kind = chance.choice((0, 1, 2, 3, 4, 4, 5, -1))
    length = chance.choice((0, 1, 3, 13, 300))
    start = chance.choice((0, 1_000, 65_535, -4))
    numbers = " ".join(f"(i32.const {number})" for number in (kind, start, length))
    entry = f"(i32.store {AREA} (i32.const 0)) (call $write {HEADER} {record} {numbers})"
    if chance.random() < 0.5:
        entry += f"(i32.store offset=16 {AREA} {number(chance)})"
    if chance.random() < 0.5:
        entry += f"(i32.store {AREA} {number(chance)})"
    return entry


def header(chance: random.Random) -> str:
    return f"(i32.store offset={chance.choice(UNREAD)} {HEADER} (i32.const {chance.choice(AWAY)}))"


def check(evaluation: Evaluation, count: int) -> None:
    """Every record has a verdict, and every fault a message."""
    verdicts = evaluation.verdicts.tolist()
    assert evaluation.evaluated == len(verdicts) == count
    assert set(verdicts) <= set(Verdict) - {Verdict.PENDING}
    assert [(fault.index, fault.verdict) for fault in evaluation.faults] == [
        (index, verdict) for index, verdict in enumerate(verdicts) if verdict in FAULTS
    ]
    assert all(fault.message for fault in evaluation.faults)
    assert all(0 <= output.index < count for output in evaluation.printed)
    sources = evaluation.outputs.source.tolist()
    assert sources == sorted(sources)
    assert set(sources) <= {index for index, verdict in enumerate(verdicts) if verdict == Verdict.PASS}
    if isinstance(evaluation.outputs, Produced):
        evaluation.outputs.produced.validate(full=True)
        assert len(evaluation.outputs.produced) == len(sources)


def check_verdicts(evaluation: Evaluation, expected: list[Verdict], honest: bool) -> None:
    """Each is the guest's own; if it lies, it may have trapped instead."""
    verdicts = evaluation.verdicts.tolist()
    if honest:
        assert verdicts == expected
    for verdict, right in zip(verdicts, expected, strict=True):
        assert verdict in (right, Verdict.TRAP, Verdict.TIMEOUT), (verdicts, expected)


if __name__ == "__main__":
    serve({"bytes": change_bytes, "numbers": change_numbers, "lies": lie, "outputs": lie_about_outputs})
