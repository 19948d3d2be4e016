"""A process that runs one program, and ends it with all that it started once the program is not wanted.

A socket connects it with the process that started it, which alone holds the other end: however that process
ends, the socket closes. `Child` has the other side. The status goes over the socket, as text: a number as
`Popen.returncode` has it, or `errno` and a number if the program cannot be run.

Its start is part of each build, so it imports little: `signal`, `pathlib` and `contextlib` would take 12 ms.
"""

import _thread
import os
import resource
import sys
import time

_SIGKILL = 9
_IGNORED_BY_PYTHON = (13, 25)
"""SIGPIPE and SIGXFSZ: programs would ignore them, too."""
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
        program = os.posix_spawn(command[0], command, os.environ, setsigdef=_IGNORED_BY_PYTHON)
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
    from engine.process.descendants import adopt_orphans

    adopts = adopt_orphans()
    _thread.start_new_thread(_end_with_line, (program, line))
    ended = 0
    while ended != program:
        ended, status = os.waitpid(-1, 0)
    try:  # noqa: SIM105 - see above
        os.write(line, str(os.waitstatus_to_exitcode(status)).encode())
    except OSError:
        pass  # nobody wants to know
    if adopts:
        _end_children()
    # The group, with this process and with orphans that it did not adopt.
    os.killpg(0, _SIGKILL)


def _end_with_line(program: int, line: int) -> None:
    """End the program once its line is closed, unless this process has waited for it, and ends by itself."""
    os.read(line, 1)
    _kill(program)


def _end_children() -> None:
    """End all descendants: the children of one that ends become children of this process."""
    from engine.process.descendants import children

    while True:
        for child in children():
            _kill(child)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(_LOOK_SECONDS)


def _kill(process: int) -> None:
    try:  # noqa: SIM105
        os.kill(process, _SIGKILL)
    except OSError:
        pass  # it has ended
