"""Takes the types out of TypeScript: swc, which runs within limits as SmartStreams do."""

from collections.abc import Mapping
from pathlib import Path

from engine.builds.interpreted.builder import ScriptBuilder
from engine.builds.interpreted.interpreter import Interpreter, RustOnly
from engine.builds.interpreted.preparing import prepare
from engine.process.job import Job
from engine.records.batch import Batch, record_batch
from engine.runtime.config import ModuleConfig
from engine.runtime.limits import Limits
from engine.runtime.loading.scripts import Script, ScriptError
from engine.runtime.smartstream import SmartStream

_CONFIG = ModuleConfig(limits=Limits(record_seconds=10.0, output_bytes=32 << 20, memory_bytes=256 << 20))


class Swc(RustOnly):
    """The parser of TypeScript."""

    language = "typescript"
    oldest_rust = (1, 82)


_MODULE = Script(language=Swc.language, functions=("map",), name="", text="").module


class TypeScriptBuilder(ScriptBuilder):
    """Builds one file."""

    def __init__(
        self,
        path: Path,
        interpreter: Interpreter,
        eraser: Interpreter,
        *,
        limits: Limits,
        environ: Mapping[str, str],
    ) -> None:
        super().__init__(path, interpreter, limits=limits, environ=environ)
        self._eraser = eraser

    def translated(self, text: str, job: Job) -> str:
        prepare(self._eraser, job, self.environ)
        return erased(self.path, text, job)


def erased(path: Path, text: str, job: Job) -> str:
    """The text with blanks for types; `ScriptError` for what is no TypeScript, or more than types."""
    records = record_batch([text.encode()], keys=[str(path).encode()])
    with SmartStream(_MODULE, config=_CONFIG, name=path.name, job=job) as eraser:
        made = eraser.evaluate(Batch.consecutive(0, 0, records))
    for fault in made.faults:
        raise ScriptError(path.name, fault.message, fault.location)
    value: bytes = made.outputs.records(records).column("value")[0].as_py()
    return value.decode()
