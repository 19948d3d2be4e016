"""How much memory a process may use, where the system counts what it uses."""

import resource
import sys


def limit_memory(most: int) -> None:
    """Hold this process and those that it starts to an amount of memory, in bytes; on macOS to none."""
    # Not RLIMIT_AS: threads and wasmtime reserve addresses by the gigabyte without using them. On macOS these
    # count for RLIMIT_DATA, too: it refuses a limit below what is reserved already.
    if sys.platform == "darwin":
        return
    hard = resource.getrlimit(resource.RLIMIT_DATA)[1]
    resource.setrlimit(
        resource.RLIMIT_DATA, (most if hard == resource.RLIM_INFINITY else min(most, hard), hard)
    )
