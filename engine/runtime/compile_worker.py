"""A process that compiles one module: Cranelift cannot be interrupted, but a process can be ended.

It reads the module from standard input, and answers on standard output with a line of JSON, followed by the
compiled code.
"""

import errno
import json
import resource
import signal
import sys
from dataclasses import asdict
from typing import Any

from engine.errors import ContractError
from engine.runtime.kinds.table import KINDS
from engine.runtime.limits import Limits
from engine.runtime.module import GuestModule, compile_module, revive_module

OUT_OF_TIME = signal.SIGPROF
"""The signal that ends the process once its computing time is used up."""


def request(limits: Limits, name: str) -> str:
    """The argument of the process."""
    return json.dumps({"name": name, "limits": asdict(limits)})


def read_answer(answer: bytes, limits: Limits, name: str) -> GuestModule:
    """The compiled module; `ContractError` if it cannot be a SmartStream."""
    line, _, native = answer.partition(b"\n")
    head = json.loads(line)
    if "message" in head:
        raise ContractError(head["message"], head["remedy"])
    kind = KINDS[head.pop("kind")]
    return revive_module(native, limits, name, kind=kind, **head)


def main() -> None:
    """Compile a module within limits."""
    asked = json.loads(sys.argv[1])
    limits = Limits(**asked["limits"])
    _apply(limits)
    head, native = _compile(sys.stdin.buffer.read(), limits, asked["name"])
    sys.stdout.buffer.write(json.dumps(head).encode() + b"\n")
    sys.stdout.buffer.write(native)


def _apply(limits: Limits) -> None:
    # RLIMIT_CPU counts in whole seconds, and from the start of the interpreter.
    signal.setitimer(signal.ITIMER_PROF, limits.compile_seconds)
    # Not RLIMIT_AS: threads and wasmtime reserve addresses by the gigabyte without using them.
    _lower(resource.RLIMIT_DATA, limits.compile_bytes)
    # Running out of memory ends in an abort.
    _lower(resource.RLIMIT_CORE, 0)


def _lower(what: int, limit: int) -> None:
    hard = resource.getrlimit(what)[1]
    resource.setrlimit(what, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def _compile(wasm: bytes, limits: Limits, name: str) -> tuple[dict[str, Any], bytes]:
    try:
        # In one thread, so that the limits mean the same on any machine; without enough memory for threads,
        # the compiler would wait for them forever.
        module = compile_module(wasm, limits, name, parallel=False)
    except ContractError as error:
        if f"os error {errno.ENOMEM}" in error.message:
            raise MemoryError from error
        return {"message": error.message, "remedy": error.remedy}, b""
    head = {"kind": module.kind.export, "initializes": module.initializes, "resets": module.resets}
    return head, module.native()


if __name__ == "__main__":
    main()
