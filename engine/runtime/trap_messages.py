"""Describes why a guest trapped."""

import re

from wasmtime import TrapCode

from engine import units

_WORDS = {
    TrapCode.MEMORY_OUT_OF_BOUNDS: "accessed memory out of bounds",
    TrapCode.TABLE_OUT_OF_BOUNDS: "called a function that does not exist",
    TrapCode.INDIRECT_CALL_TO_NULL: "called a function that does not exist",
    TrapCode.BAD_SIGNATURE: "called a function with the wrong type",
    TrapCode.INTEGER_OVERFLOW: "overflowed an integer type",
    TrapCode.INTEGER_DIVISION_BY_ZERO: "divided by zero",
    TrapCode.BAD_CONVERSION_TO_INTEGER: "converted NaN to an integer",
    TrapCode.UNREACHABLE: "aborted without a message (a panic or an abort)",
}

_FAILED_ALLOCATION = re.compile(r"memory allocation of (\d{1,20}) bytes failed")


def describe(code: TrapCode | None, *, memory: int, limit: int, stack: int, stack_spent: bool) -> str:
    """For a trap about which the guest left no message; `memory` and its `limit`, and `stack`, are in bytes.

    `stack_spent`: the guest's stack pointer has left its stack.
    """
    if code is TrapCode.STACK_OVERFLOW:
        return f"recursed too deep (limit {units.size(stack)} of stack)"
    if code is TrapCode.MEMORY_OUT_OF_BOUNDS and stack_spent:
        return "recursed too deep, or keeps too much data on its stack"
    if code is TrapCode.UNREACHABLE and nearly_full(memory, limit):
        return (
            f"aborted without a message with {units.size(memory)} of memory in use: "
            f"it probably needed more than the limit of {units.size(limit)}"
        )
    if code is None:
        return "trapped"
    return _WORDS.get(code, f"trapped ({code.name.lower().replace('_', ' ')})")


def with_limit(message: str, limit: int) -> str:
    """A panic's message; with the limit if it is Rust's message about a failed allocation."""
    found = _FAILED_ALLOCATION.fullmatch(message)
    if found is None:
        return message
    return f"could not allocate {units.size(int(found[1]))} of memory: the limit is {units.size(limit)}"


def nearly_full(memory: int, limit: int) -> bool:
    """Whether an allocation may have failed: a buffer that doubles fails once half of the limit is used."""
    return memory * 2 >= limit
