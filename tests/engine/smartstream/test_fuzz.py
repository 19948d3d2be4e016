"""Modules changed at random: refused, stopped, or harmless, and nothing else."""

import random
import re
from collections import Counter
from collections.abc import Callable

import pytest

from engine.errors import ContractError
from engine.records import Batch
from engine.smartstream.limits import Limits
from engine.smartstream.smartstream import SmartStream
from engine.verdicts import Verdict
from tests.engine.smartstream.guests import batch, compiled, written

MUTANTS = 300
MODULES = ("digit.wat", "fields.wat")
LIMITS = Limits(record_seconds=0.01, start_seconds=0.02, call_seconds=0.1, memory_bytes=4 << 20)
VERDICTS = set(Verdict) - {Verdict.PENDING}
NUMBER = re.compile(r"(?<=i32\.const )-?(?:0x[0-9a-f]+|[0-9]+)|(?<=offset=)[0-9]+")


def change_bytes(chance: random.Random, name: str) -> bytes:
    data = bytearray(compiled(written(name)))
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


def change_numbers(chance: random.Random, name: str) -> bytes:
    wat = written(name)
    for _ in range(chance.choice((1, 1, 2))):
        found = chance.choice(list(NUMBER.finditer(wat)))
        new = chance.choice((0, 1, 3, 4, 8, 32, 36, 40, 56, 60, 64, 70_000, 0x7FFFFFF0))
        wat = wat[: found.start()] + str(new) + wat[found.end() :]
    return compiled(wat)


@pytest.mark.parametrize("change", [change_bytes, change_numbers])
def test_mutated_modules(change: Callable[[random.Random, str], bytes]) -> None:
    chance = random.Random(20210217)
    records = batch([b"abc", b"a1", b"", b"x" * 40], [None, b"k", b"", None])
    fates = Counter(fate(change(chance, MODULES[n % 2]), records) for n in range(MUTANTS))
    assert fates["judged"] > MUTANTS // 20, fates
    assert fates["stopped"] > 0, fates


def fate(wasm: bytes, records: Batch) -> str:
    try:
        stream = SmartStream(wasm, limits=LIMITS)
    except ContractError:
        return "refused"
    with stream:
        try:
            for _ in range(2):
                judgement = stream.evaluate(records)
                assert set(judgement.verdicts.tolist()) <= VERDICTS
                assert judgement.judged == len(records)
        except ContractError:
            return "stopped"
    return "judged"
