"""`fluvio-tui smartstream`: writes, builds, tests and stores SmartStreams."""

from __future__ import annotations

from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine import units
from engine.builds.languages import SOURCE
from tui.cli.commands.smartstream_test import test
from tui.cli.composition import open_modules
from tui.cli.options.completion import names as complete
from tui.cli.options.completion import paths
from tui.cli.options.data import data_option
from tui.cli.options.input_files import check_filter, check_readable
from tui.cli.options.limits import NOTHING_TYPED, LimitOptions, build_options, module_config
from tui.cli.options.quantities import WholeNumber
from tui.cli.output.listing import Columns, facts, output_option, print_json, print_listing
from tui.cli.process.failures import Failure, failing, named_to_exist
from tui.cli.process.signals import finish_first, stop_request

if TYPE_CHECKING:
    from collections.abc import Sequence

    from engine.broker.module_store import StoredModule
    from engine.runtime.config import ModuleConfig


def _time(added: int | None) -> str:
    return "unknown" if added is None else units.utc_time(added)


_COLUMNS: Columns = {"name": str, "kind": str, "size": units.size, "added": _time}
_version_option = click.option(
    "--version", type=WholeNumber(1), metavar="N", help="This version that is kept.  [default: the newest]"
)
_NONE_YET = "no SmartStreams yet: add one with 'fluvio-tui smartstream add NAME --file FILE.wasm'"


_OTHER_NAMES = {"create": "add", "delete": "remove"}
"""Those of Fluvio's command line, which are also what topics have."""


class _Commands(click.Group):
    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        return super().get_command(ctx, _OTHER_NAMES.get(cmd_name, cmd_name))


@click.group(cls=_Commands)
def smartstream() -> None:
    """Write, build, test and store SmartStreams."""


smartstream.add_command(test)


@smartstream.command()
@click.argument("name", shell_complete=complete.smartstreams)
@click.option(
    "--file",
    required=True,
    metavar="FILE",
    shell_complete=paths.smartstreams,
    help="The module, or a source file, which is built.",
)
@build_options
@data_option()
def add(name: str, file: str, overflow: str, *, allow_build_scripts: bool) -> None:
    """Store a module as NAME.

    A source file is built first, for what runs the broker's modules. The module is checked. It replaces a
    stored one of that name, also in every pane and every running 'consume' that uses it.

    \b
    fluvio-tui smartstream add sf1 --file sf1.rs
    fluvio-tui smartstream add sf1 --file sf1.wasm
    """
    path = check_readable(file, "module")
    if path.suffix == ".wat":
        remedy = f"build it first: wat2wasm {path} -o {path.with_suffix('.wasm')}"
        raise Failure(f"{path} is WebAssembly text, not a module", remedy)
    from engine.builds.language import Target
    from engine.builds.languages import SUFFIXES
    from engine.library.modules import add_module
    from tui.cli.process.waiting import unless_stopped
    from tui.cli.run.building import build_documented
    from tui.cli.run.chains import read_module

    config = _build_config(overflow, allow_build_scripts=allow_build_scripts)
    with finish_first() as stop, open_modules(stop) as modules:
        if path.suffix in SUFFIXES:
            wasm = build_documented(path, stop, config, Target(modules.target))
        else:
            wasm = read_module(path)
        adding = partial(add_module, modules, name, wasm, str(path), config=module_config())
        replaced = unless_stopped(lambda job: adding(job=job), stop)
        click.echo(f"smartstream {name} {'replaced' if replaced else 'added'}")


@smartstream.command(name="list")
@output_option
@data_option()
def list_smartstreams(output: str) -> None:
    """List the stored SmartStreams.

    \b
    fluvio-tui smartstream list
    """
    with finish_first() as stop, open_modules(stop) as modules:
        found = modules.describe_all()
    # A column of problems would be empty almost always, one of versions on a cluster that has none.
    problems: Columns = {"problem": str} if any(module.problem for module in found) else {}
    versions: Columns = {"version": str} if any(module.version for module in found) else {}
    print_listing(output, [*map(asdict, found)], {**_COLUMNS, **versions, **problems}, empty=_NONE_YET)


@smartstream.command()
@click.argument("name", shell_complete=complete.smartstreams)
@_version_option
@output_option
@data_option()
def describe(name: str, version: int | None, output: str) -> None:
    """Show what a stored SmartStream is, and which versions are kept.

    \b
    fluvio-tui smartstream describe sf1
    fluvio-tui smartstream describe sf1 --version 3
    """
    with named_to_exist(), stop_request() as stop, open_modules(stop) as modules:
        module, kept = modules.describe(name, version), modules.versions(name)
        if output == "json":
            print_json({**asdict(module), "versions": kept})
        else:
            click.echo(_described(module, kept))
        # Described, it may still not run.
        from tui.cli.run.building import load_smartstream

        load_smartstream(modules, name, stop, module_config(), version).close()


@smartstream.command()
@click.argument("name", shell_complete=complete.smartstreams)
@click.option(
    "-o", "--output", metavar="FILE.wasm", type=click.Path(path_type=Path), required=True, help="The file."
)
@_version_option
@data_option()
def get(name: str, version: int | None, output: Path) -> None:
    """Write the module of the stored SmartStream NAME to a file.

    To go back to an earlier version, add it again.

    \b
    fluvio-tui smartstream get sf1 --version 3 -o sf1.wasm
    fluvio-tui smartstream add sf1 --file sf1.wasm
    """
    with named_to_exist(), stop_request() as stop, open_modules(stop) as modules:
        wasm = modules.load(name, version)
    with failing(f"write {output}", "name another file with -o"):
        output.write_bytes(wasm)
    click.echo(f"{output} written")


@smartstream.command()
@click.argument("names", nargs=-1, required=True, metavar="NAME...", shell_complete=complete.smartstreams)
@data_option()
def remove(names: tuple[str, ...]) -> None:
    """Remove stored SmartStreams.

    Commands and panes that use one keep running it. 'delete' means the same.

    \b
    fluvio-tui smartstream remove sf1
    """
    with named_to_exist(), finish_first() as stop, open_modules(stop) as modules:
        for name in names:
            modules.remove(name)
            click.echo(f"smartstream {name} removed")


@smartstream.command()
@click.argument("file", metavar=SOURCE, type=click.Path(path_type=Path))
@click.option(
    "--with",
    "crates",
    multiple=True,
    metavar="CRATE[@VERSION]",
    help="A crate that the file may use; repeatable.  [default: its newest version]",
)
@click.option("--types", is_flag=True, help="Declare the types in smartstream.d.ts beside it, for editors.")
def new(file: Path, crates: tuple[str, ...], *, types: bool) -> None:
    """Write a SmartStream to start with.

    Its comments explain what you can change. An existing file is not changed.

    \b
    fluvio-tui smartstream new sf1.rs
    fluvio-tui smartstream new sf1.ts --types
    fluvio-tui smartstream new sf1.rs --with serde_json --with regex@1
    """
    from engine.builds.languages import ENDINGS, SUFFIXES, write_template, write_types

    if file.suffix not in SUFFIXES:
        raise Failure(f"invalid name for a filter '{file}'", f"use a name that ends in {ENDINGS}")

    if types:
        click.echo(f"{write_types(file)} written")
    named = (crate.partition("@") for crate in crates)
    write_template(file, {name: version or "*" for name, _, version in named})
    click.echo(f"{file} written; to see what it passes, run: fluvio-tui watch TOPIC -f {file}")


@smartstream.command()
@click.argument("file", metavar=SOURCE, shell_complete=paths.sources)
@click.option(
    "-o", "--output", metavar="FILE.wasm", type=click.Path(path_type=Path), required=True, help="The module."
)
@click.option(
    "--target",
    type=click.Choice(["fluvio-tui", "fluvio"]),
    default="fluvio-tui",
    show_default=True,
    help="What runs the module: this program, or Fluvio.",
)
@build_options
def build(file: str, output: Path, target: str, overflow: str, *, allow_build_scripts: bool) -> None:
    """Build the SmartStream in a file, as '--inline-filter' does.

    The module includes the filter's doc comment, for 'smartstream describe'.

    \b
    fluvio-tui smartstream build sf1.rs -o sf1.wasm
    fluvio-tui smartstream build sf1.rs -o sf1.wasm --target fluvio
    """
    path = check_filter(file)
    if output.exists() and output.samefile(path):
        raise Failure(f"{output} is the filter's source", "name another file with -o")
    if output.is_dir():
        raise Failure(f"{output} is a directory", "name a file in it")
    if not output.parent.is_dir():
        raise Failure(f"the folder {output.parent} does not exist", "create it, or name another file with -o")
    from engine.builds.language import Target
    from tui.cli.run.building import build_documented

    config = _build_config(overflow, allow_build_scripts=allow_build_scripts)
    with stop_request() as stop:
        wasm = build_documented(path, stop, config, Target(target))
        with failing(f"write {output}", "name another file with -o"):
            output.write_bytes(wasm)
        click.echo(f"{output} written")


def _build_config(overflow: str, *, allow_build_scripts: bool) -> ModuleConfig:
    typed: LimitOptions = {
        **NOTHING_TYPED,
        "allow_build_scripts": allow_build_scripts,
        "overflow": overflow,
    }
    return module_config(typed)


def _described(module: StoredModule, kept: Sequence[int]) -> str:
    from tui.format import harmless_lines

    versions = (("version", str(module.version)), ("kept versions", ", ".join(map(str, kept))))
    about = (
        ("name", module.name),
        *(versions if kept else ()),
        ("kind", module.kind),
        ("size", units.size(module.size)),
        ("sha256", module.sha256),
        ("added", _time(module.added)),
    )
    return f"{facts(about)}\n\n{harmless_lines(module.documentation)}".rstrip()
