"""What runs on this machine, for tests that leave nothing running."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Process:
    """A running process."""

    number: int
    name: str
    command: str
    """Its command line."""
    environment: str
    """Its environment; empty if the system does not show it."""


def processes() -> list[Process]:
    """All running processes, from /proc if it exists: a small machine has no `ps`."""
    if (PROC / "self").exists():
        found = map(_from_proc, PROC.glob("[0-9]*"))
        return [process for process in found if process is not None]
    listed = subprocess.run(
        ["ps", "axeww", "-o", "pid=,comm=,args="],
        capture_output=True,
        text=True,
        errors="replace",
        check=True,
    )
    lines = (line.split(maxsplit=2) for line in listed.stdout.splitlines())
    return [
        Process(int(number), Path(name).name, "".join(rest), "".join(rest)) for number, name, *rest in lines
    ]


def _from_proc(folder: Path) -> Process | None:
    try:
        name, command, environment = (
            (folder / part).read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            for part in ("comm", "cmdline", "environ")
        )
    except OSError:
        return None
    return Process(int(folder.name), name, command, environment)
