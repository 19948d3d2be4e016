"""What the languages of interpreters have in common."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.language import Builder, Check, Language, Report, Target
from engine.errors import BuildError

if TYPE_CHECKING:
    # The command line asks for suffixes at each start, and loads nothing else.
    from engine.builds.interpreted.interpreter import Interpreter
    from engine.runtime.limits import Limits


class InterpretedLanguage(Language):
    """A language that is run by an interpreter, which cargo builds once."""

    optional = True
    template_name: str
    """The file in `filters/` with its template."""
    types_name: str
    """The file there that tells editors what a source may use."""

    @abstractmethod
    def interpreters(self) -> tuple[Interpreter, ...]:
        """What its builds run; the first one runs its sources."""

    def script_builder(self, path: Path, *, limits: Limits, environ: Mapping[str, str]) -> Builder:
        """A builder for fluvio-tui."""
        from engine.builds.interpreted.builder import ScriptBuilder

        return ScriptBuilder(path, self.interpreters()[0], limits=limits, environ=environ)

    def builder(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None,  # noqa: ARG002 - the interpreter is in the default one
        environ: Mapping[str, str],
        target: Target,
    ) -> Builder:
        if target is Target.FLUVIO:
            raise BuildError(
                f"{path} cannot be built for {target}, which has no interpreter", "write it in Rust"
            )
        return self.script_builder(path, limits=limits, environ=environ)

    def template(self, path: Path, crates: Mapping[str, str]) -> str:
        if crates:
            raise BuildError(f"{self.name} cannot use crates", "leave out --with, or write the file in Rust")
        return _shipped(self.template_name).replace("THIS_FILE", str(path))

    def types(self) -> tuple[str, str]:
        return self.types_name, _shipped(self.types_name)

    def checks(self, environ: Mapping[str, str]) -> Iterator[Check]:
        from engine.builds.interpreted import doctor

        return chain.from_iterable(doctor.checks(environ, one) for one in self.interpreters())

    def install(self, report: Report, environ: Mapping[str, str]) -> None:
        from engine.builds.interpreted import doctor

        for one in self.interpreters():
            doctor.install(report, environ, one)


def _shipped(name: str) -> str:
    from engine.resources import filters_folder

    return (filters_folder() / name).read_text()
