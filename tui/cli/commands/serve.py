"""`fluvio-tui serve`: the dashboard in a browser."""

from __future__ import annotations

import click

from engine import extras
from tui.cli.options.quantities import WholeNumber
from tui.cli.process.failures import Failure
from tui.cli.process.signals import stop_request

COMMANDS = ("watch", "demo")


@click.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="ADDRESS",
    help="The address to listen on. With another one, use a network that you trust: nothing is encrypted.",
)
@click.option(
    "--port",
    type=WholeNumber(0, 65535),
    metavar="PORT",
    default=8000,
    show_default=True,
    help="0 for any that is free.",
)
@click.argument("command", type=click.Choice(COMMANDS))
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
@click.pass_context
def serve(ctx: click.Context, host: str, port: int, command: str, arguments: tuple[str, ...]) -> None:
    """Serve the dashboard to browsers.

    Prints an address with a token, which a browser needs. The token allows everything that you can do in the
    dashboard, such as editing filters. Each viewer has a dashboard of their own on the same topics. ARGUMENTS
    are those of the command.

    \b
    fluvio-tui serve demo
    fluvio-tui serve watch logs -f sf1.rs
    fluvio-tui serve --port 9000 watch logs
    """
    _check(ctx, command, arguments)
    try:
        from tui.cli.run.serve import serve_dashboards
    except ImportError as error:
        raise Failure(
            "serving needs the package textual-serve, which is not installed", extras.remedy("serve")
        ) from error
    with stop_request() as stop:
        serve_dashboards(host, port, [command, *arguments], stop)


def _check(ctx: click.Context, command: str, arguments: tuple[str, ...]) -> None:
    """Report arguments that each viewer's dashboard would refuse."""
    root = ctx.find_root()
    assert isinstance(root.command, click.Group), "the program has commands"
    found = root.command.get_command(root, command)
    assert found is not None, "`COMMANDS` names existing ones"
    try:
        found.make_context(command, list(arguments), ctx.parent)
    except click.NoSuchOption as error:
        if any(error.option_name in one.opts for one in ctx.command.params):
            problem = f"{error.option_name} is an option of serve: name it before '{command}'"
            raise click.UsageError(problem, ctx) from error
        raise
