"""The interpreter of JavaScript, and what its build needs: a compiler of C."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from engine.builds.interpreted.interpreter import Interpreter
from engine.builds.javascript.c_compiler import (
    PACKAGE,
    MissingCompilerError,
    c_environment,
    find_zig,
    zig_version,
)
from engine.builds.language import Check, Report
from engine.builds.rust import doctor as rust_doctor

REQUIREMENT = "ziglang>=0.17,<0.18"


class QuickJs(Interpreter):
    """QuickJS."""

    language = "javascript"
    # The oldest that compiles its bindings.
    oldest_rust = (1, 82)

    def environment(self, folder: Path) -> Mapping[str, str]:
        return c_environment(folder)

    def tools(self) -> Iterator[Check]:
        zig = find_zig()
        missing = f"the Python package {PACKAGE} is not installed"
        found = missing if zig is None else f"zig {zig_version()}, {zig}"
        yield Check("C compiler of QuickJS", zig is not None, found, fixable=True)

    def install_tools(self, report: Report, environ: Mapping[str, str]) -> None:
        if find_zig() is not None:
            return
        command = [sys.executable, "-m", "pip", "install", "--disable-pip-version-check", REQUIREMENT]
        if not rust_doctor.run(command, report, environ):
            raise MissingCompilerError
