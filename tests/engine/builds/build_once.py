"""Builds a file once, without watching it."""

import os
import time
from collections.abc import Mapping
from pathlib import Path

from engine.builds.build import BuildRequest, BuildResult
from engine.builds.from_file import InlineSource
from engine.errors import EngineError
from engine.process.job import Job
from engine.runtime.limits import Limits


def build_once(
    path: Path,
    *,
    limits: Limits | None = None,
    cache: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> BuildResult:
    """A result as `BuildLoop` delivers it."""
    source = InlineSource(path, limits=limits, cache=cache, environ=environ)
    request = BuildRequest(version=1, path=source.path, trigger="first build", started=time.time())
    try:
        compiled = source.build(Job())
    except EngineError as error:
        return request.ended(error=error)
    return request.ended(wasm=compiled.wasm, diagnostics=compiled.diagnostics)
