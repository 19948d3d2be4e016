"""Builds a file that an interpreter runs: no compiler runs, the interpreter only tries to load it."""

import logging
from collections.abc import Mapping
from pathlib import Path

from engine.builds.diagnostic import Diagnostic
from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.interpreted.preparing import prepare
from engine.builds.language import Builder
from engine.builds.source import Compiled
from engine.builds.source_file import read_source
from engine.process.job import Job
from engine.runtime.limits import Limits
from engine.runtime.loading.scripts import Script, ScriptError
from engine.runtime.script_trial import tried

_LOG = logging.getLogger(__name__)


class ScriptBuilder(Builder):
    """Builds one file."""

    def __init__(
        self, path: Path, interpreter: Interpreter, *, limits: Limits, environ: Mapping[str, str]
    ) -> None:
        self._limits = limits
        self._interpreter = interpreter
        self.path = path
        self.environ = environ

    def translated(self, text: str, job: Job) -> str:  # noqa: ARG002 - for other languages
        """The source as the interpreter runs it, with each line and column where it was; `ScriptError`."""
        return text

    def build(self, job: Job) -> Compiled:
        text = read_source(self.path)
        prepare(self._interpreter, job, self.environ)
        job.check()
        try:
            text = self.translated(text, job)
            script = Script(language=self._interpreter.language, functions=(), name=str(self.path), text=text)
            script = tried(script, self._limits, job)
        except ScriptError as error:
            return Compiled(diagnostics=(_diagnostic(self.path, error),))
        _LOG.info("%s: %s", self.path, " ".join(script.functions))
        return Compiled(wasm=script.module)


def _diagnostic(path: Path, error: ScriptError) -> Diagnostic:
    place = error.location
    shown = f"error: {error.text}\n" + (f" --> {path}:{place.line}:{place.column}\n" if place else "")
    return Diagnostic("error", error.text, None, place, shown)
