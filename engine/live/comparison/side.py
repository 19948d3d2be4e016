"""What can be compared with something else."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias


@dataclass(frozen=True, slots=True, kw_only=True)
class PaneSide:
    """What a consumer made of the window's records."""

    consumer: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildSide:
    """What a kept build of a consumer makes of the window's records, evaluated for this."""

    consumer: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CasesSide:
    """What a file expects of the records in it."""

    path: Path


Side: TypeAlias = PaneSide | BuildSide | CasesSide
