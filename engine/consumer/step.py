"""A step of a chain as a user describes it: which SmartStream, and what it runs with."""

from collections.abc import Mapping, Sequence
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

MODULE_SUFFIX = ".wasm"


def file_source(path: Path) -> InlineFile | ModuleFile:
    """A compiled module, or else a source file, by the suffix."""
    return ModuleFile(path=path) if path.suffix == MODULE_SUFFIX else InlineFile(path=path)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One SmartStream of a chain."""

    source: StepSource
    params: Mapping[str, str] = field(default_factory=dict)
    look_back: LookBack | None = None
    aggregate_initial: bytes = b""
    chain: Path | None = field(default=None, compare=False)
    """The transforms file that describes it."""

    def config(self, base: ModuleConfig) -> ModuleConfig:
        """`base` with what this step runs with."""
        return replace(
            base,
            params=self.params,
            look_back=self.look_back,
            aggregate_initial=self.aggregate_initial,
        )

    @property
    def name(self) -> str:
        """The stem of its file, or the name that it is stored as."""
        return self.source.name if isinstance(self.source, StoredName) else self.source.path.stem


def chain_name(steps: Sequence[Step]) -> str:
    """The names of some steps, in their order."""
    return " | ".join(step.name for step in steps)


def inline_path(steps: Sequence[Step], last: Path | None) -> Path | None:
    """The source file among some steps: the one built `last`, or else the first; None if there is none."""
    paths = [step.source.path for step in steps if isinstance(step.source, InlineFile)]
    return next((path for path in paths if path.absolute() == last), next(iter(paths), None))
