"""How much memory this process takes."""

from pathlib import Path

import pytest

STATUS = Path("/proc/self/status")
MEBIBYTE = 1 << 20


def resident() -> int:
    """Bytes of memory that this process takes of the system's."""
    if not STATUS.exists():
        pytest.skip("this system does not say in /proc how much memory a process takes")
    (line,) = (line for line in STATUS.read_text().splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) * 1024
