"""TypeScript as a language of SmartStreams: JavaScript once its types are taken out."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.javascript.language import JavaScript
from engine.builds.language import Builder, Target

if TYPE_CHECKING:
    from engine.runtime.limits import Limits


class TypeScript(JavaScript):
    """Types are not checked."""

    name = "TypeScript"
    suffixes = (".ts", ".mts")
    interpreters = ("javascript", "typescript")
    template_name = "template.ts"

    def builder(
        self,
        path: Path,
        *,
        limits: Limits,
        cache: Path | None,  # noqa: ARG002 - as of JavaScript
        environ: Mapping[str, str],
        target: Target,
    ) -> Builder:
        from engine.builds.javascript.eraser import TypeScriptBuilder

        self.check_target(path, target)
        return TypeScriptBuilder(path, limits=limits, environ=environ)
