"""An interpreter, and what its build needs."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import ClassVar

from engine.builds.language import Check, Report
from engine.runtime.loading.interpreters import NAMES


class Interpreter(ABC):
    """What cargo builds once. It has no state: each instance is as good as another."""

    language: ClassVar[str]
    """By which scripts name it: the folder of its crate in `filters/sdk`."""
    oldest_rust: ClassVar[tuple[int, int]]
    """The oldest rustc that compiles it."""
    cargo_options: ClassVar[tuple[str, ...]] = ()
    rustc_flags: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """Of its language, as it is shown."""
        return NAMES[self.language]

    @abstractmethod
    def environment(self, folder: Path) -> Mapping[str, str]:
        """What its build finds its tools by; `BuildError` if one is missing. `folder` is the build's own."""

    @abstractmethod
    def tools(self) -> Iterator[Check]:
        """What its build needs besides Rust."""

    @abstractmethod
    def install_tools(self, report: Report, environ: Mapping[str, str]) -> None:
        """Install these; `BuildError`."""


class RustOnly(Interpreter):
    """An interpreter that needs nothing but Rust."""

    def environment(self, folder: Path) -> Mapping[str, str]:  # noqa: ARG002
        return {}

    def tools(self) -> Iterator[Check]:
        return iter(())

    def install_tools(self, report: Report, environ: Mapping[str, str]) -> None:
        """There are none."""
