"""JavaScript as a language of SmartStreams."""

from __future__ import annotations

from typing import TYPE_CHECKING

from engine.builds.interpreted.language import InterpretedLanguage

if TYPE_CHECKING:
    from engine.builds.interpreted.interpreter import Interpreter
    from engine.fields.path import Path as FieldPath


class JavaScript(InterpretedLanguage):
    """Run by QuickJS."""

    name = "JavaScript"
    suffixes = (".js", ".mjs")
    template_name = "template.js"
    types_name = "smartstream.d.ts"

    def interpreters(self) -> tuple[Interpreter, ...]:
        from engine.builds.javascript.quickjs import QuickJs

        return (QuickJs(),)

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
