"""Rust as a language of SmartStreams."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.language import Builder, Check, Language, Report, Target

if TYPE_CHECKING:
    from engine.fields.path import Path as FieldPath
    from engine.runtime.limits import Limits


class Rust(Language):
    """Built by rustc, with the guest SDK and the crates that a file names."""

    name = "Rust"
    suffixes = (".rs",)

    def builder(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None,
        environ: Mapping[str, str],
        target: Target,
    ) -> Builder:
        from engine.builds.rust.builder import RustBuilder

        return RustBuilder(path, limits=limits, cache=cache, environ=environ, target=target)

    def template(self, path: Path, crates: Mapping[str, str]) -> str:
        from engine.builds.rust.crates.front_matter import write_front_matter
        from engine.builds.rust.paths import template_file

        return write_front_matter(crates) + template_file().read_text().replace("THIS_FILE", str(path))

    def expression(self, text: str, file: str, *, condition: bool) -> tuple[str, str]:
        from engine.builds.rust.paths import expression_file

        # Rust includes one expression: statements are one in a block.
        included = f"{{ {text}\n}}\n" if ";" in text else f"{text}\n"
        source = expression_file().read_text().replace("RESULT", "bool" if condition else "_")
        return source.replace("EXPRESSION", file), included

    def field_filter(self, field: FieldPath, literal: str) -> str:
        from engine.builds.rust.field_filter import field_filter

        return field_filter(field, literal)

    def text_filter(self, text: str) -> str:
        from engine.builds.rust.field_filter import text_filter

        return text_filter(text)

    def doc_comment(self, text: str) -> str:
        from engine.builds.rust.doc_comment import doc_comment

        return doc_comment(text)

    def fields_read(self, text: str) -> tuple[FieldPath, ...]:
        from engine.builds.rust.fields_read import fields_read

        return fields_read(text)

    def checks(self, environ: Mapping[str, str]) -> Iterator[Check]:
        from engine.builds.rust import doctor

        return doctor.checks(environ)

    def install(self, report: Report, environ: Mapping[str, str]) -> None:
        from engine.builds.rust import doctor

        doctor.install(report, environ)
