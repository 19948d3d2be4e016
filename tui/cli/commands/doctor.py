"""`fluvio-tui doctor`: checks what the program needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from engine.builds.languages import NAMES
from tui.cli.composition import broker_checks
from tui.cli.options.data import data_option
from tui.cli.output.listing import table
from tui.cli.process.signals import StopRequest, finish_first

if TYPE_CHECKING:
    from engine.builds.doctor import Languages
    from engine.errors import EngineError


@click.command()
@click.option("--fix", is_flag=True, help="Install what is missing.")
@click.option(
    "--language",
    "languages",
    multiple=True,
    type=click.Choice(NAMES),
    help="What this language needs; may be repeated.  [default: rust]",
)
@data_option()
@click.pass_context
def doctor(ctx: click.Context, fix: bool, languages: tuple[str, ...]) -> None:
    """Check what is needed to build filters.

    Prints where everything was found; the exit status is 1 if something is missing. Without a Rust toolchain,
    everything works except building filters. Other languages have an interpreter, which is built once, from
    crates.io.

    If a cluster is chosen, the way to it is tried step by step: names, ports, and what its client needs.

    \b
    fluvio-tui doctor
    fluvio-tui doctor --fix
    fluvio-tui doctor --fix --language javascript
    fluvio-tui doctor --broker kafka://localhost:9092
    """
    from engine.builds.doctor import LANGUAGES, checks
    from engine.builds.languages import language_named

    wanted = [*map(language_named, languages)] or LANGUAGES
    with finish_first() as stop:
        problem = _fix(stop, wanted) if fix else None
        found = checks(languages=wanted)
        of_broker = [*broker_checks(stop)]
    rows = [(check.name, "ok" if check.ok else "MISSING", check.found) for check in found]
    rows += [(f"broker: {one.name}", "ok" if one.ok else "FAILED", one.found) for one in of_broker]
    click.echo(table(("WHAT", "STATE", "FOUND"), rows))
    if problem is not None:
        raise problem
    missing = [check for check in found if not check.ok]
    options = "".join(f" --language {name}" for name in languages)
    for check in missing:
        remedy = f"run 'fluvio-tui doctor --fix{options}'" if check.fixable else check.remedy
        click.echo(f"\n{check.name}: {remedy}")
    failed = [one for one in of_broker if not one.ok]
    for one in failed:
        if one.remedy:
            click.echo(f"\nbroker: {one.name}: {one.remedy}")
    ctx.exit(1 if missing or failed else 0)


def _fix(stop: StopRequest, languages: Languages) -> EngineError | None:
    """Install what is missing; the error if that fails."""
    from engine.builds.doctor import fix
    from engine.errors import EngineError

    def report(line: str) -> None:
        stop.exit()
        click.echo(line)

    try:
        fix(report, languages=languages)
    except EngineError as error:
        return error
    return None
