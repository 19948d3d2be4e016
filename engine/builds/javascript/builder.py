"""Builds a file in JavaScript: no compiler runs, its interpreter only tries to load it."""

import logging
from collections.abc import Mapping
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.builds.javascript.interpreter import prepare
from engine.builds.language import Builder
from engine.builds.source import Compiled
from engine.builds.source_file import read_source
from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.script_trial import tried
from engine.runtime.scripts import Script, ScriptError

_LOG = logging.getLogger(__name__)
LANGUAGE = "javascript"


class JavaScriptBuilder(Builder):
    """Builds one file."""

    def __init__(self, path: Path, *, limits: Limits, environ: Mapping[str, str]) -> None:
        self._path = path
        self._limits = limits
        self._environ = environ

    def build(self, job: Job) -> Compiled:
        text = read_source(self._path)
        prepare(LANGUAGE, job, self._environ)
        job.check()
        script = Script(language=LANGUAGE, functions=(), name=str(self._path), text=text)
        try:
            script = tried(script, self._limits, job)
        except ScriptError as error:
            return Compiled(diagnostics=(_diagnostic(self._path, error),))
        _LOG.info("%s: %s", self._path, " ".join(script.functions))
        return Compiled(wasm=script.module)


def _diagnostic(path: Path, error: ScriptError) -> Diagnostic:
    place = error.location
    shown = f"error: {error.text}\n" + (f" --> {path}:{place.line}:{place.column}\n" if place else "")
    return Diagnostic("error", error.text, None, place, shown)
