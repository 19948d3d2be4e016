"""Python as a language of SmartStreams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.builds.interpreted.language import InterpretedLanguage

if TYPE_CHECKING:
    from engine.builds.interpreted.interpreter import Interpreter
    from engine.fields.path import Path as FieldPath


class Python(InterpretedLanguage):
    """Run by RustPython."""

    name = "Python"
    suffixes = (".py",)
    template_name = "template.py"
    types_name = "smartstream.pyi"

    def interpreters(self) -> tuple[Interpreter, ...]:
        from engine.builds.python.rustpython import RustPython

        return (RustPython(),)

    def field_filter(self, field: FieldPath, literal: str) -> str:
        from engine.builds.python.field_filter import field_filter

        return field_filter(field, literal)

    def text_filter(self, text: str) -> str:
        from engine.builds.python.field_filter import text_filter

        return text_filter(text)

    def doc_comment(self, text: str) -> str:
        from engine.builds.python.doc_comment import doc_comment

        return doc_comment(text)

    def fields_read(self, text: str) -> tuple[FieldPath, ...]:
        from engine.builds.python.fields_read import fields_read

        return fields_read(text)
