"""Programs end with the one that started them, and with all that they started, however that one ends."""

import os
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from engine.file_lock import FileLock
from engine.process.child import Child, ProcessLimits, Standby, Supervisor
from engine.process.job import Job, OverdueError, SupersededError
from tests.processes import Process, processes
from tests.waiting import PATIENCE, wait_for, wait_until

ROOT = Path(__file__).parents[3]
SLEEP = "sleep 1000"
ORPHANS = f"{SLEEP} & ({SLEEP} & exit) ; {SLEEP}"
"""For the shell: two children, and one whose parent has ended."""
AWAY = f"(setsid {SLEEP} & sleep 0.5; exit); {SLEEP}"
"""A child, and an orphan in a session of its own; not one of the first milliseconds."""

ADOPTS = pytest.mark.skipif(sys.platform != "linux", reason="only Linux hands orphans on")

STARTER = """
import os, sys
from pathlib import Path
from engine.file_lock import FileLock
from engine.process.job import Job
lock = FileLock(Path(sys.argv[2]))
lock.try_acquire()
Job().run(["/bin/sh", "-c", sys.argv[1]], os.environ, lock=lock)
"""
WITHOUT_LISTS = """
from engine.process import descendants, supervisor
descendants._THREADS = "/nowhere"
supervisor.main()
"""
"""The supervisor where the system does not list children."""
WITHOUT_ORPHANS = """
from engine.process import descendants, supervisor
descendants.ctypes.CDLL = lambda _: None
supervisor.main()
"""
"""The supervisor where the system has no call to hand orphans on."""
WITH_A_THREAD_THAT_ENDS = """
from engine.process import descendants, supervisor
listed = descendants.children
def children():
    global looks
    looks += 1
    if looks == 2:
        raise FileNotFoundError("/proc/self/task/1/children")
    return listed()
looks = 0
descendants.children = children
supervisor.main()
"""
"""The supervisor where one of its threads ends while the children of that are read."""


class Family:
    """What a test starts, found by a variable of its environment."""

    def __init__(self, folder: Path) -> None:
        self.environment = {**os.environ, "PYTHONPATH": str(ROOT), "FAMILY": str(folder)}
        self.lock = folder / "lock"

    @contextmanager
    def start(self, script: str) -> Iterator["subprocess.Popen[bytes]"]:
        """A program that runs a script of the shell as a job, with a lock."""
        command = [sys.executable, "-c", STARTER, script, self.lock]
        with subprocess.Popen(command, env=self.environment) as starter:
            try:
                yield starter
            finally:
                starter.kill()

    def running(self, command: str = "") -> Sequence[Process]:
        mark = f"FAMILY={self.environment['FAMILY']}"
        return [found for found in processes() if mark in found.environment and command in found.command]

    def waiting(self) -> Process:
        """The supervisor that waits, once it has started."""
        (found,) = wait_for(self.running, lambda running: len(running) == 1)
        return found

    def sleepers(self) -> int:
        return sum(found.command == SLEEP for found in self.running())

    def end_sleepers(self) -> None:
        for process in self.running():
            if process.command == SLEEP:
                os.kill(process.number, signal.SIGKILL)

    def has_ended(self) -> bool:
        with closing(FileLock(self.lock)) as lock:
            return not self.running() and lock.try_acquire()


@pytest.fixture
def family(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Family]:
    family = Family(tmp_path)
    # Supervisors have the environment of this program.
    monkeypatch.setenv("FAMILY", family.environment["FAMILY"])
    yield family
    left = family.running()
    for process in left:
        os.kill(process.number, signal.SIGKILL)
    assert not left


@pytest.mark.parametrize(
    ("script", "sleepers"),
    [
        (ORPHANS, 3),
        pytest.param(AWAY, 2, marks=ADOPTS),
    ],
)
def test_all_end_with_a_killed_program(family: Family, script: str, sleepers: int) -> None:
    with family.start(script) as starter:
        wait_until(lambda: family.sleepers() == sleepers)
        assert not family.has_ended()
        starter.kill()
    wait_until(family.has_ended)


def test_lock_outlasts_a_stopped_program_only_until_the_job_has_ended(family: Family) -> None:
    with family.start(SLEEP) as starter:
        wait_until(lambda: family.sleepers() == 1)
        starter.send_signal(signal.SIGSTOP)
        with closing(FileLock(family.lock)) as lock:
            assert not lock.try_acquire()
            family.end_sleepers()
            assert lock.acquire_within(PATIENCE)
        starter.send_signal(signal.SIGCONT)


@pytest.mark.parametrize(
    ("supervisor", "script", "sleepers"),
    [
        (WITHOUT_LISTS, ORPHANS, 3),
        (WITHOUT_ORPHANS, ORPHANS, 3),
        pytest.param(WITH_A_THREAD_THAT_ENDS, AWAY, 2, marks=ADOPTS),
    ],
    ids=["no lists", "no orphans", "a list that ends"],
)
def test_all_end_where_the_system_lists_no_children(
    family: Family, supervisor: str, script: str, sleepers: int
) -> None:
    null = os.open(os.devnull, os.O_RDWR)
    code = f"import sys; sys.path.append({str(ROOT)!r})\n{supervisor}"
    child = Child(
        ["/bin/sh", "-c", script],
        family.environment,
        (null, null, null),
        ProcessLimits(),
        supervisor=Supervisor(code),
    )
    os.close(null)
    with closing(child):
        wait_until(lambda: family.sleepers() == sleepers)
        child.end()
        wait_until(lambda: not family.running())


@pytest.mark.parametrize("prepares", [1, 2])
def test_a_supervisor_waits_for_the_next_program(family: Family, prepares: int) -> None:
    standby = Standby()
    with closing(standby):
        standby.prepare()
        assert not family.running()
        for number in range(3):
            ended = Job(standby=standby).run(["/bin/sh", "-c", f"echo {number}"], family.environment)
            assert ended.output == f"{number}\n".encode()
            assert not family.running()
            for _ in range(prepares):
                standby.prepare()
            assert family.waiting()
    assert not family.running()


def test_a_program_runs_though_the_supervisor_that_waited_was_killed(family: Family) -> None:
    standby = Standby()
    standby.take()
    with closing(standby):
        standby.prepare()
        os.kill(family.waiting().number, signal.SIGKILL)
        wait_until(lambda: not [found for found in family.running() if found.command])
        ended = Job(standby=standby).run(["/bin/sh", "-c", "echo here"], family.environment)
        assert ended.output == b"here\n"


def test_a_cancelled_job_leaves_the_supervisor_that_waits(family: Family) -> None:
    standby = Standby()
    standby.take()
    with closing(standby):
        standby.prepare()
        job = Job(standby=standby)
        job.cancel()
        with pytest.raises(SupersededError):
            job.run(["/bin/sh", "-c", "echo never"], family.environment)
        assert family.waiting()
    assert not family.running()


def test_all_end_with_a_killed_supervisor(family: Family) -> None:
    job = Job()
    killed = []

    def kill() -> None:
        wait_until(lambda: family.sleepers() == 3)
        killed.extend(found for found in family.running("engine.process.supervisor"))
        os.kill(killed[0].number, signal.SIGKILL)

    thread = threading.Thread(target=kill)
    thread.start()
    ended = job.run(["/bin/sh", "-c", ORPHANS], family.environment)
    thread.join()
    assert ended.status == -signal.SIGKILL
    wait_until(lambda: not family.running())


def test_what_a_program_leaves_behind_ends_with_it(family: Family) -> None:
    ended = Job().run(["/bin/sh", "-c", f"{SLEEP} & echo done; echo oops >&2; exit 3"], family.environment)
    assert (ended.status, ended.output, ended.errors) == (3, b"done\n", b"oops\n")
    assert not family.running()


def test_cancelled_job_ends_at_once(family: Family) -> None:
    job = Job()
    thread = threading.Thread(target=lambda: (wait_until(lambda: family.sleepers() == 3), job.cancel()))
    thread.start()
    with pytest.raises(SupersededError):
        job.run(["/bin/sh", "-c", ORPHANS], family.environment)
    thread.join()
    assert not family.running()
    with pytest.raises(SupersededError):
        job.run(["/bin/sh", "-c", "exit"], family.environment)


def test_overdue_program_is_ended(family: Family) -> None:
    with pytest.raises(OverdueError):
        Job().run(["/bin/sh", "-c", ORPHANS], family.environment, seconds=0.1)
    assert not family.running()


def test_cpu_time_is_limited() -> None:
    script = "while :; do :; done"
    ended = Job().run(["/bin/sh", "-c", script], os.environ, limits=ProcessLimits(cpu_seconds=0.5))
    assert ended.status == -signal.SIGXCPU


def test_program_that_ignores_its_limit_is_killed() -> None:
    script = "trap '' XCPU; while :; do :; done"
    ended = Job().run(["/bin/sh", "-c", script], os.environ, limits=ProcessLimits(cpu_seconds=1))
    assert ended.status == -signal.SIGKILL


def test_program_that_is_missing(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        Job().run([tmp_path / "none"], os.environ)


def test_files_are_private(tmp_path: Path) -> None:
    Job().run(["/bin/sh", "-c", f"mkdir '{tmp_path}/new'; : >'{tmp_path}/file'"], os.environ)
    modes = [(tmp_path / name).stat().st_mode & 0o777 for name in ("new", "file")]
    assert modes == [0o700, 0o600]


def test_a_crash_leaves_no_core_file(tmp_path: Path) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    if hard == 0:
        pytest.skip("no program here may leave a core file")
    resource.setrlimit(resource.RLIMIT_CORE, (hard, hard))
    try:
        Job().run(["/bin/sh", "-c", f"ulimit -c >'{tmp_path}/limit'"], os.environ)
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, (soft, hard))
    assert (tmp_path / "limit").read_text() == "0\n"


def test_what_a_job_waits_for_is_reported_once() -> None:
    said: list[str] = []
    job = Job(said.append)
    for doing in ("", "waiting", "waiting", ""):
        job.report(doing)
    assert said == ["waiting", ""]
