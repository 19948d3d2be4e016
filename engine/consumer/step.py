"""A step of a chain as a user describes it: which SmartStream, and what it runs with."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from engine.runtime.config import LookBack, ModuleConfig


@dataclass(frozen=True, slots=True, kw_only=True)
class InlineFile:
    """A source file, built when it is used."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredName:
    """A SmartStream of the store."""

    name: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleFile:
    """A compiled module in a file."""

    path: Path

    def __str__(self) -> str:
        return str(self.path)


StepSource = InlineFile | StoredName | ModuleFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One SmartStream of a chain."""

    source: StepSource
    params: Mapping[str, str] = field(default_factory=dict)
    look_back: LookBack | None = None
    aggregate_initial: bytes = b""

    def config(self, base: ModuleConfig) -> ModuleConfig:
        """`base` with what this step runs with."""
        return replace(
            base,
            params=self.params,
            look_back=self.look_back,
            aggregate_initial=self.aggregate_initial,
        )
