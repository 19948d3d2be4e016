"""TypeScript as a language of SmartStreams: JavaScript once its types are taken out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.javascript.language import JavaScript
from engine.builds.language import Builder

if TYPE_CHECKING:
    from engine.builds.interpreted.interpreter import Interpreter
    from engine.runtime.limits import Limits


class TypeScript(JavaScript):
    """Types are not checked."""

    name = "TypeScript"
    suffixes = (".ts", ".mts")
    template_name = "template.ts"

    def interpreters(self) -> tuple[Interpreter, ...]:
        from engine.builds.javascript.eraser import Swc

        return (*super().interpreters(), Swc())

    def script_builder(self, path: Path, *, limits: Limits, environ: Mapping[str, str]) -> Builder:
        from engine.builds.javascript.eraser import TypeScriptBuilder

        return TypeScriptBuilder(path, *self.interpreters(), limits=limits, environ=environ)
