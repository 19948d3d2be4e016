"""A process that compiles one module: Cranelift cannot be interrupted, but a process can be ended.

It reads the module from standard input, and answers on standard output with a line, which is empty or the
error in JSON, followed by the compiled code.
"""

import errno
import json
import signal
import sys
from dataclasses import asdict
from typing import Any

from engine.errors import ContractError
from engine.process.memory_limit import limit_memory
from engine.runtime.limits import Limits
from engine.runtime.loading.module import compile_module
from engine.runtime.loading.prelinked import compile_crates

OUT_OF_TIME = signal.SIGPROF
"""The signal that ends the process once its computing time is used up."""


def request(limits: Limits, name: str, *, parallel: bool, interpreter: bool) -> str:
    """The argument of the process; if `parallel`, it computes in several threads."""
    how = {"parallel": parallel, "interpreter": interpreter}
    return json.dumps({"name": name, "limits": asdict(limits), "how": how})


def request_crates(limits: Limits, *, baseline: bool) -> str:
    """The argument of the process that compiles prelinked crates."""
    return json.dumps({"limits": asdict(limits), "crates": {"baseline": baseline}})


def read_answer(answer: bytes) -> bytes:
    """The compiled code; `ContractError` if it cannot be a SmartStream."""
    error, _, native = answer.partition(b"\n")
    if error:
        raise ContractError(**json.loads(error))
    return native


def main() -> None:
    """Compile a module within limits."""
    asked = json.loads(sys.argv[1])
    limits = Limits(**asked["limits"])
    _apply(limits)
    sys.stdout.buffer.write(_answer(sys.stdin.buffer.read(), limits, asked))


def _apply(limits: Limits) -> None:
    # RLIMIT_CPU counts in whole seconds, and from the start of the interpreter.
    signal.setitimer(signal.ITIMER_PROF, limits.compile_seconds)
    limit_memory(limits.compile_bytes)


def _answer(wasm: bytes, limits: Limits, asked: dict[str, Any]) -> bytes:
    try:
        if "crates" in asked:
            return b"\n" + compile_crates(wasm, limits, **asked["crates"])
        # What others made is compiled in one thread, so that the limits mean the same on any machine; without
        # enough memory for threads, the compiler would wait for them forever.
        return b"\n" + compile_module(wasm, limits, asked["name"], **asked["how"]).native()
    except ContractError as error:
        if f"os error {errno.ENOMEM}" in error.message:
            raise MemoryError from error
        return json.dumps({"message": error.message, "remedy": error.remedy}).encode() + b"\n"


if __name__ == "__main__":
    main()
