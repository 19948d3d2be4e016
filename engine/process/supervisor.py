"""A process that runs one program, and ends it with all that it started as soon as nobody wants it any more.

Its line to whoever started it is a socket that only that process holds: it is closed however that process
ends. `Child` has the other side. The status goes over the line, as text: a number as `Popen.returncode` has
it, or `errno` and a number if the program cannot be run.

What is imported at the top keeps the program waiting: `signal` alone takes 5 ms.
"""

import os
import resource
import sys

_ENDS_BY_SIGNAL = (13, 25)
"""SIGPIPE and SIGXFSZ, which Python ignores, and programs would ignore with it."""
_HARD_SECONDS = 5
"""After a program's CPU time is used up, for one that ignores SIGXCPU."""
_LOOK_SECONDS = 0.001


def main() -> None:
    """Run the program that the arguments name.

    They are the descriptor of the line, other descriptors to keep open meanwhile, separated by commas, the
    most CPU time in seconds and memory in bytes, 0 for no limit, and the command.
    """
    line, held, cpu_seconds, memory, *command = sys.argv[1:]
    for descriptor in filter(None, [line, *held.split(",")]):
        os.set_inheritable(int(descriptor), False)
    os.umask(0o077)
    _limit(resource.RLIMIT_CORE, 0)
    if int(cpu_seconds):
        _limit(resource.RLIMIT_CPU, int(cpu_seconds), grace=_HARD_SECONDS)
    if int(memory):
        _limit(resource.RLIMIT_DATA, int(memory))
    try:
        program = os.posix_spawn(command[0], command, os.environ, setsigdef=_ENDS_BY_SIGNAL)
    except OSError as error:
        os.write(int(line), f"errno {error.errno}".encode())
        return
    _supervise(program, int(line))


def _limit(what: int, most: int, grace: int = 0) -> None:
    hard = resource.getrlimit(what)[1]
    soft, end = (each if hard == resource.RLIM_INFINITY else min(each, hard) for each in (most, most + grace))
    resource.setrlimit(what, (soft, end if grace else hard))


def _supervise(program: int, line: int) -> None:
    """Wait until the program ends or is not wanted any more, report its status, and end what it left."""
    import select
    import signal
    from contextlib import suppress

    from engine.process.descendants import adopt_orphans

    adopts = adopt_orphans()
    ended, wake = os.pipe()
    os.set_blocking(wake, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(wake)
    while (status := _reaped().get(program)) is None:
        if line in select.select([line, ended], [], [])[0]:
            break
        os.read(ended, 1 << 10)
    else:
        with suppress(OSError):
            os.write(line, str(status).encode())
    if adopts:
        _end_children()
    # The group, with this process and with orphans that it did not adopt.
    os.killpg(0, signal.SIGKILL)


def _reaped() -> dict[int, int]:
    """The children that have ended since, and their statuses."""
    found = {}
    try:
        while (child := os.waitpid(-1, os.WNOHANG))[0]:
            found[child[0]] = os.waitstatus_to_exitcode(child[1])
    except ChildProcessError:
        pass
    return found


def _end_children() -> None:
    """End all descendants: the children of one that ends become children of this process."""
    import signal
    import time
    from contextlib import suppress

    from engine.process.descendants import children

    while True:
        for child in children():
            with suppress(OSError):
                os.kill(child, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(_LOOK_SECONDS)
