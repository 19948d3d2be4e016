"""One version of a module, ready to be loaded any number of times."""

from dataclasses import dataclass, field

from engine.builds.build import Build
from engine.process.job import Job
from engine.runtime.config import ModuleConfig
from engine.runtime.smartstream import SmartStream


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleVersion:
    """Enough to evaluate anywhere with the same module."""

    version: int
    wasm: bytes = field(repr=False)
    name: str
    """Shown in errors."""
    foreign: bool = False
    """The module was not built here; see `SmartStream`."""
    step: int = 0
    """The step of a chain that it is for."""
    config: ModuleConfig | None = None
    """What it ran with, where that may change."""

    @classmethod
    def of(
        cls, build: Build, wasm: bytes, *, step: int = 0, config: ModuleConfig | None = None
    ) -> "ModuleVersion":
        """The version that a build made."""
        stored = build.foreign and not build.path.is_absolute()
        name = f"the stored SmartStream '{build.path.stem}'" if stored else build.path.name
        return cls(
            version=build.version, wasm=wasm, name=name, foreign=build.foreign, step=step, config=config
        )

    def load(self, config: ModuleConfig, job: Job) -> SmartStream:
        """A fresh instance; `SmartStreamError` if it cannot run, `SupersededError` if `job` is cancelled."""
        return SmartStream(
            self.wasm, config=config, name=self.name, foreign=self.foreign, quick=True, job=job
        )
