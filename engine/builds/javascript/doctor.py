"""What builds in JavaScript need, what of it is there, and how to get the rest."""

import sys
from collections.abc import Iterator, Mapping

from engine import units
from engine.builds.javascript.c_compiler import PACKAGE, MissingCompilerError, find_zig, zig_version
from engine.builds.javascript.interpreter import prepare, rust_for_interpreters
from engine.builds.language import Check, Report
from engine.builds.rust import doctor as rust_doctor
from engine.errors import ToolchainError
from engine.process.job import Job
from engine.runtime.interpreters import NAMES, interpreter_file

REQUIREMENT = "ziglang>=0.17,<0.18"


def checks(environ: Mapping[str, str], language: str) -> Iterator[Check]:
    """The interpreter; if it is not built, what its build needs."""
    name = f"{NAMES[language]} interpreter"
    module = interpreter_file(language)
    if module.exists():
        yield Check(name, True, f"{module}, {units.size(module.stat().st_size)}")
        return
    yield Check(name, False, "not built yet", fixable=True)
    try:
        rust = rust_for_interpreters(environ)
        yield Check(f"Rust for {NAMES[language]}", True, f"rustc {rust.version}")
    except ToolchainError as error:
        yield Check(f"Rust for {NAMES[language]}", False, error.message, error.remedy)
    zig = find_zig()
    found = f"the Python package {PACKAGE} is not installed" if zig is None else f"zig {zig_version()}, {zig}"
    yield Check("C compiler of QuickJS", zig is not None, found, fixable=True)


def install(report: Report, environ: Mapping[str, str], language: str) -> None:
    """Install what the interpreter is built with, and build it."""
    if interpreter_file(language).exists():
        report(f"The interpreter of {NAMES[language]} is built: nothing to install")
        return
    rust_doctor.install(report, environ)
    if find_zig() is None:
        _install_zig(report, environ)
    prepare(language, Job(report), environ)


def _install_zig(report: Report, environ: Mapping[str, str]) -> None:
    command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", REQUIREMENT]
    if not rust_doctor.run(command, report, environ):
        raise MissingCompilerError
