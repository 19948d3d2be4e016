"""What the program needs to know of a language that SmartStreams are written in."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    # The command line asks for suffixes at each start, and loads nothing else.
    from engine.builds.source import Compiled
    from engine.fields.path import Path as FieldPath
    from engine.process.job import Job
    from engine.runtime.limits import Limits

Report = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one check."""

    name: str
    ok: bool
    """False if something required is missing."""
    found: str
    remedy: str = ""
    fixable: bool = False
    """Whether `Language.install` may help."""


class Target(StrEnum):
    """What runs the module."""

    FLUVIO_TUI = "fluvio-tui"
    HERE = "here"
    """This program, on this machine: the module may use what is in the cache."""
    FLUVIO = "fluvio"
    """Fluvio's own engine."""


class Builder(ABC):
    """Builds one source file, any number of times, in one thread at a time."""

    @abstractmethod
    def build(self, job: Job) -> Compiled:
        """Build the file as it is now, diagnostics included; see `BuildSource.build`."""


class Language(ABC):
    """A language and its toolchain. Registered in `engine.builds.languages`."""

    name: str
    suffixes: tuple[str, ...]
    """Of its source files, with the dot."""
    optional: bool = False
    """Whether it is set up only if you ask for it."""

    @abstractmethod
    def builder(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None,
        environ: Mapping[str, str],
        target: Target,
    ) -> Builder:
        """A builder of one file, which finds the toolchain when it is first needed.

        `cache` is the folder to build in; None for the default one.
        """

    @abstractmethod
    def template(self, path: Path, crates: Mapping[str, str]) -> str:
        """A SmartStream to start with, as the text of the new file `path`; `BuildError`.

        It may use the libraries `crates`, whose versions are given by their names.
        """

    def types(self) -> tuple[str, str] | None:
        """The name and the text of a file that tells editors what a source may use; None if they know."""
        return None

    def expression(self, text: str, file: str, *, condition: bool) -> tuple[str, str] | None:  # noqa: ARG002
        """A SmartStream that evaluates one expression for each record, and the text of the `file` beside it.

        That has the expression, which must be true or false if it is a `condition`. None if the language has
        no expressions.
        """
        return None

    @abstractmethod
    def field_filter(self, field: FieldPath, literal: str) -> str:
        """A filter to start with that compares a field with a JSON value; `BuildError` if it cannot."""

    @abstractmethod
    def text_filter(self, text: str) -> str:
        """A filter to start with that passes values with a text."""

    @abstractmethod
    def doc_comment(self, text: str) -> str:
        """What a source says about itself; empty if it says nothing."""

    @abstractmethod
    def fields_read(self, text: str) -> tuple[FieldPath, ...]:
        """The fields that a source names, in its order, each once: a guess from its text."""

    @abstractmethod
    def checks(self, environ: Mapping[str, str]) -> Iterator[Check]:
        """What its builds need, and what of it is there."""

    @abstractmethod
    def install(self, report: Report, environ: Mapping[str, str]) -> None:
        """Install what is missing, reporting each line that is printed.

        `ToolchainInstallError` says what to run by hand if that did not help.
        """
