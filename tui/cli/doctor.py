"""`fluvio-tui doctor`: what is needed, where it was found, what is missing."""

import click

from tui.cli.text import table


@click.command()
@click.option("--fix", is_flag=True, help="Install what is missing.")
@click.pass_context
def doctor(ctx: click.Context, fix: bool) -> None:
    """Say what is needed to build filters, and what is missing.

    Prints where everything was found; the exit status is 1 where something is missing. Without a Rust
    toolchain everything works but new builds of filters.
    """
    from engine.build import doctor as checkup

    if fix:
        checkup.fix(click.echo)
    checks = checkup.checks()
    rows = [(check.name, "ok" if check.ok else "MISSING", check.found) for check in checks]
    click.echo(table(("WHAT", "STATE", "FOUND"), rows))
    missing = [check for check in checks if not check.ok]
    for check in missing:
        click.echo(f"\n{check.name}: {check.remedy}")
    ctx.exit(1 if missing else 0)
