"""Why a guest trapped, in words for a person."""

import re

from wasmtime import TrapCode

from engine import units
from engine.runtime.module import STACK_BYTES

_WORDS = {
    TrapCode.STACK_OVERFLOW: f"recursed too deep (limit {units.size(STACK_BYTES)} of stack)",
    TrapCode.MEMORY_OUT_OF_BOUNDS: "used memory that is not there",
    TrapCode.TABLE_OUT_OF_BOUNDS: "called a function that is not there",
    TrapCode.INDIRECT_CALL_TO_NULL: "called a function that is not there",
    TrapCode.BAD_SIGNATURE: "called a function as one of another type",
    TrapCode.INTEGER_OVERFLOW: "computed a number that its integer type cannot hold",
    TrapCode.INTEGER_DIVISION_BY_ZERO: "divided by zero",
    TrapCode.BAD_CONVERSION_TO_INTEGER: "converted what is not a number to an integer",
    TrapCode.UNREACHABLE: "gave up without a message (a panic or an abort)",
}

_REFUSED = re.compile(r"memory allocation of (\d{1,20}) bytes failed")


def describe(code: TrapCode | None, *, memory: int, limit: int, stack_spent: bool) -> str:
    """What happened, where the guest itself left no message.

    `memory` is the size of the guest's memory in bytes and `limit` its most; `stack_spent` says that the
    guest's stack pointer has left its stack.
    """
    if code is TrapCode.MEMORY_OUT_OF_BOUNDS and stack_spent:
        return "recursed too deep, or keeps too much on its stack"
    if code is TrapCode.UNREACHABLE and nearly_full(memory, limit):
        return (
            f"gave up without a message with {units.size(memory)} of memory in use: "
            f"it probably asked for more than the limit of {units.size(limit)}"
        )
    if code is None:
        return "trapped"
    return _WORDS.get(code, f"trapped ({code.name.lower().replace('_', ' ')})")


def with_limit(message: str, limit: int) -> str:
    """A panic's message, where it is Rust's over memory that it did not get: with the reason."""
    found = _REFUSED.fullmatch(message)
    if found is None:
        return message
    return f"could not get {units.size(int(found[1]))} of memory: the limit is {units.size(limit)}"


def nearly_full(memory: int, limit: int) -> bool:
    """Whether an allocation may have failed: a buffer that doubles fails when half of the limit is used."""
    return memory * 2 >= limit
