"""What an interpreter needs, what of it is there, and how to get the rest."""

from collections.abc import Iterator, Mapping

from engine import units
from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.interpreted.preparing import prepare, rust_for
from engine.builds.language import Check, Report
from engine.builds.rust import doctor as rust_doctor
from engine.errors import ToolchainError
from engine.process.job import Job
from engine.runtime.loading.interpreters import interpreter_file


def checks(environ: Mapping[str, str], interpreter: Interpreter) -> Iterator[Check]:
    """The interpreter; if it is not built, what its build needs."""
    name = f"{interpreter.name} interpreter"
    module = interpreter_file(interpreter.language)
    if module.exists():
        yield Check(name, True, f"{module}, {units.size(module.stat().st_size)}")
        return
    yield Check(name, False, "not built yet", fixable=True)
    try:
        rust = rust_for(interpreter, environ)
        yield Check(f"Rust for {interpreter.name}", True, f"rustc {rust.version}")
    except ToolchainError as error:
        yield Check(f"Rust for {interpreter.name}", False, error.message, error.remedy)
    yield from interpreter.tools()


def install(report: Report, environ: Mapping[str, str], interpreter: Interpreter) -> None:
    """Install what the interpreter is built with, and build it."""
    if interpreter_file(interpreter.language).exists():
        report(f"The interpreter of {interpreter.name} is built: nothing to install")
        return
    rust_doctor.install(report, environ)
    interpreter.install_tools(report, environ)
    prepare(interpreter, Job(report), environ)
