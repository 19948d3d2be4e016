"""JavaScript as a language of SmartStreams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.language import Builder, Check, Language, Report, Target
from engine.errors import BuildError

if TYPE_CHECKING:
    from engine.fields.path import Path as FieldPath
    from engine.runtime.limits import Limits


_TYPES = "smartstream.d.ts"


class JavaScript(Language):
    """Run by an interpreter that cargo builds once."""

    name = "JavaScript"
    suffixes = (".js", ".mjs")
    optional = True
    interpreters: tuple[str, ...] = ("javascript",)
    """What its builds run."""
    template_name = "template.js"

    def builder(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None,  # noqa: ARG002 - the interpreter is in the default one
        environ: Mapping[str, str],
        target: Target,
    ) -> Builder:
        from engine.builds.javascript.builder import JavaScriptBuilder

        self.check_target(path, target)
        return JavaScriptBuilder(path, limits=limits, environ=environ)

    def check_target(self, path: Path, target: Target) -> None:
        """`BuildError` unless this program is to run the module."""
        if target is not Target.FLUVIO_TUI:
            raise BuildError(
                f"{path} cannot be built for {target}, which has no interpreter", "write it in Rust"
            )

    def template(self, path: Path, crates: Mapping[str, str]) -> str:
        from engine.resources import filters_folder

        if crates:
            raise BuildError(f"{self.name} cannot use crates", "leave out --with, or write the file in Rust")
        return (filters_folder() / self.template_name).read_text().replace("THIS_FILE", str(path))

    def types(self) -> tuple[str, str]:
        from engine.resources import filters_folder

        return _TYPES, (filters_folder() / _TYPES).read_text()

    def field_filter(self, field: FieldPath, literal: str) -> str:
        from engine.builds.javascript.field_filter import field_filter

        return field_filter(field, literal)

    def text_filter(self, text: str) -> str:
        from engine.builds.javascript.field_filter import text_filter

        return text_filter(text)

    def doc_comment(self, text: str) -> str:
        from engine.builds.javascript.doc_comment import doc_comment

        return doc_comment(text)

    def fields_read(self, text: str) -> tuple[FieldPath, ...]:
        from engine.builds.javascript.fields_read import fields_read

        return fields_read(text)

    def checks(self, environ: Mapping[str, str]) -> Iterator[Check]:
        from engine.builds.javascript import doctor

        return chain.from_iterable(doctor.checks(environ, one) for one in self.interpreters)

    def install(self, report: Report, environ: Mapping[str, str]) -> None:
        from engine.builds.javascript import doctor

        for one in self.interpreters:
            doctor.install(report, environ, one)
