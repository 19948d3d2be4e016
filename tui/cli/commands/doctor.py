"""`fluvio-tui doctor`: checks what the program needs."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tui.cli.output.listing import table
from tui.cli.process.signals import StopRequest, finish_first

if TYPE_CHECKING:
    from engine.errors import EngineError


@click.command()
@click.option("--fix", is_flag=True, help="Install what is missing.")
@click.pass_context
def doctor(ctx: click.Context, fix: bool) -> None:
    """Check what is needed to build filters.

    Prints where everything was found; the exit status is 1 if something is missing. Without a Rust toolchain,
    everything works except building filters.

    \b
    fluvio-tui doctor
    fluvio-tui doctor --fix
    """
    from engine.builds.doctor import checks

    with finish_first() as stop:
        problem = _fix(stop) if fix else None
        found = checks()
    rows = [(check.name, "ok" if check.ok else "MISSING", check.found) for check in found]
    click.echo(table(("WHAT", "STATE", "FOUND"), rows))
    if problem is not None:
        raise problem
    missing = [check for check in found if not check.ok]
    for check in missing:
        remedy = "run 'fluvio-tui doctor --fix'" if check.fixable else check.remedy
        click.echo(f"\n{check.name}: {remedy}")
    ctx.exit(1 if missing else 0)


def _fix(stop: StopRequest) -> EngineError | None:
    """Install what is missing; the error if that fails."""
    from engine.builds.doctor import fix
    from engine.errors import EngineError

    def report(line: str) -> None:
        stop.exit()
        click.echo(line)

    try:
        fix(report)
    except EngineError as error:
        return error
    return None
