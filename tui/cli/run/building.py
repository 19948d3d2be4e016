"""Builds and loads SmartStreams for commands."""

from functools import partial
from pathlib import Path

from engine.broker.module_description import DOCUMENTATION
from engine.broker.module_store import ModuleStore
from engine.builds.from_file import InlineSource
from engine.builds.language import Target
from engine.builds.languages import expression_in, language_of
from engine.builds.source_file import read_source
from engine.library.modules import open_module
from engine.runtime.config import ModuleConfig
from engine.runtime.loading.wasm_sections import with_custom_section
from engine.runtime.smartstream import SmartStream
from tui.cli.output.build_reports import BuildProgress, in_expression, show_diagnostics
from tui.cli.process.failures import Failure
from tui.cli.process.signals import StopRequest
from tui.cli.process.waiting import unless_stopped

_IN_EXPRESSIONS = 'it may use text, value (bytes) and record, e.g. record.json("ms") > 250'


def build_module(
    path: Path, stop: StopRequest, config: ModuleConfig, target: Target = Target.FLUVIO_TUI
) -> bytes:
    """Build the filter in `path`; `Failure` if it does not build. A signal ends the build and the program."""
    source = InlineSource(path, limits=config.limits, target=target)
    compiled = unless_stopped(source.build, stop, partial(BuildProgress().say, path))
    expression = expression_in(path)
    if expression is None:
        show_diagnostics(compiled.diagnostics)
    else:
        show_diagnostics(in_expression(compiled.diagnostics, expression))
    if compiled.wasm is None:
        if expression is None:
            raise Failure(f"build of {path} failed")
        raise Failure("the expression does not compile", _IN_EXPRESSIONS)
    return compiled.wasm


def build_documented(path: Path, stop: StopRequest, config: ModuleConfig, target: Target) -> bytes:
    """As `build_module`, with the doc comment of the source in the module."""
    documentation = language_of(path).doc_comment(read_source(path))
    wasm = build_module(path, stop, config, target)
    return with_custom_section(wasm, DOCUMENTATION, documentation.encode()) if documentation else wasm


def build_smartstream(path: Path, stop: StopRequest, config: ModuleConfig) -> SmartStream:
    """The filter in `path`, built as `build_module` does."""
    wasm = build_module(path, stop, config)
    return unless_stopped(lambda job: SmartStream(wasm, config=config, name=path.stem, job=job), stop)


def load_smartstream(
    modules: ModuleStore, name: str, stop: StopRequest, config: ModuleConfig, version: int | None = None
) -> SmartStream:
    """A stored SmartStream as it is now, or a version of it; `EngineError`."""
    return unless_stopped(lambda job: open_module(modules, name, version, config=config, job=job), stop)
