"""A process that runs one program, and ends it with all that it started once the program is not wanted.

A socket connects it with the process that started it, which alone has the other end: however that process
ends, the socket closes. `Child` has the other side. First a request comes over the socket: its length in
`LENGTH` digits, with the descriptors that the program gets; then, separated by zeros, the most CPU time in
seconds, the most memory in bytes (0 for no limit), the number of words of the command, these, and the
environment. The status goes back as text: a number as `Popen.returncode` has it, or `errno` and a number if
the program cannot be run.

Its start may be part of a build, so it imports little: `signal`, `socket` and `contextlib` would take 12 ms.
"""

import _socket
import _thread
import os
import resource
import sys
import time

_SIGKILL = 9
_IGNORED_BY_PYTHON = (13, 25)
"""SIGPIPE and SIGXFSZ: programs would ignore them, too."""
_HARD_SECONDS = 2
"""After a program's CPU time is used up, for one that ignores SIGXCPU."""
_LOOK_SECONDS = 0.001


LENGTH = 8
_NUMBER_BYTES = 4
"""Of a descriptor in a message."""
_MOST_DESCRIPTORS = 64
_STREAMS = 3

Environment = dict[bytes, bytes]


def main() -> None:
    """Wait for a request on the line, whose descriptor is the argument, and run its program."""
    from engine.process.descendants import adopt_orphans
    from engine.process.memory_limit import limit_memory

    line = _socket.socket(fileno=int(sys.argv[1]))
    os.set_inheritable(line.fileno(), False)
    os.umask(0o077)
    _limit(resource.RLIMIT_CORE, 0)
    adopts = adopt_orphans()
    length, messages, _, _ = line.recvmsg(LENGTH, _socket.CMSG_SPACE(_NUMBER_BYTES * _MOST_DESCRIPTORS))
    if not length:
        return
    # Those behind the three streams stay open here; the program inherits none of them.
    descriptors = [number for _, _, data in messages for number in _numbers(data)]
    cpu_seconds, memory, count, *words = _received(line, int(length)).split(b"\0")
    if int(cpu_seconds):
        _limit(resource.RLIMIT_CPU, int(cpu_seconds), grace=_HARD_SECONDS)
    if int(memory):
        limit_memory(int(memory))
    command, settings = words[: int(count)], words[int(count) :]
    environment: Environment = dict(setting.split(b"=", 1) for setting in settings)
    try:
        program = os.posix_spawn(
            command[0],
            command,
            environment,
            file_actions=[(os.POSIX_SPAWN_DUP2, descriptors[n], n) for n in range(_STREAMS)],
            setsigdef=_IGNORED_BY_PYTHON,
        )
    except OSError as error:
        line.send(f"errno {error.errno}".encode())
        return
    _supervise(program, line.fileno(), adopts=adopts)


def _numbers(data: bytes) -> list[int]:
    starts = range(0, len(data), _NUMBER_BYTES)
    return [int.from_bytes(data[at : at + _NUMBER_BYTES], sys.byteorder) for at in starts]


def _received(line: _socket.socket, length: int) -> bytes:
    parts = b""
    while len(parts) < length and (part := line.recv(length - len(parts))):
        parts += part
    return parts


def _limit(what: int, most: int, grace: int = 0) -> None:
    hard = resource.getrlimit(what)[1]
    soft, end = (each if hard == resource.RLIM_INFINITY else min(each, hard) for each in (most, most + grace))
    resource.setrlimit(what, (soft, end if grace else hard))


def _supervise(program: int, line: int, *, adopts: bool) -> None:
    """Wait until the program ends or is not wanted any more, report its status, and end what it left."""
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
        try:
            for child in children():
                _kill(child)
        except OSError:
            pass  # a thread of this process has ended while its children were read: look again
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
