"""How modules are compiled: the configuration of wasmtime's engines."""

from wasmtime import Config

from engine.runtime.limits import Limits
from engine.runtime.wasmtime_calls import choose_baseline_compiler

STACK_BYTES = 256 << 10
"""A larger stack than that of the calling thread would end the whole program."""
INTERPRETER_STACK_BYTES = 1 << 20
"""Of what an interpreter calls to run a call of a script."""
BASELINE_STACK_BYTES = 1 << 20
"""Without optimization, a function takes about three times as much of the stack."""


def optimizing(limits: Limits, stack_bytes: int = STACK_BYTES) -> Config:
    """For Cranelift."""
    config = Config()
    config.epoch_interruption = limits.timed
    config.max_wasm_stack = stack_bytes
    config.memory_may_move = False
    config.wasm_threads = False
    config.wasm_memory64 = False
    config.wasm_multi_memory = False
    config.wasm_exceptions = False
    config.wasm_function_references = False
    # Objects of a garbage collector would lie outside the limited memory.
    config.wasm_gc = False
    config.gc_support = False
    return config


def baseline(limits: Limits) -> Config | None:
    """For Winch; None if this version of wasmtime-py cannot choose it."""
    config = optimizing(limits, BASELINE_STACK_BYTES)
    return config if choose_baseline_compiler(config) else None
