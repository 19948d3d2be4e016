"""`fluvio-tui` itself: the commands by name, each imported when it is used."""

from importlib import import_module

import click

from engine import __version__
from tui.cli.broker_choice import broker_choice
from tui.cli.composition import open_broker
from tui.cli.data_folder import data_folder
from tui.cli.options.data import data_option
from tui.cli.options.debug_log import begin_log, log_option, offer_log
from tui.cli.options.other_tools import in_our_words
from tui.cli.process.failures import failures_reported
from tui.cli.process.signals import finish_first

COMMANDS = {
    "topic": "Create, list, describe, delete and check topics.",
    "partition": "List the partitions of topics.",
    "produce": "Append lines to a topic.",
    "consume": "Print the records of a topic as they arrive.",
    "eval": "Apply SmartStreams to the lines of standard input.",
    "run": "Run a pipeline: from a topic, through SmartStreams, to a topic.",
    "watch": "Open the dashboard on topics, on files or on standard input.",
    "consumer": "List, watch, set and delete named consumers.",
    "smartstream": "Write, build, test and store SmartStreams.",
    "demo": "Open the dashboard on sample data.",
    "serve": "Serve the dashboard to browsers.",
    "config": "Show the settings, and where each comes from.",
    "doctor": "Check what is needed to build filters.",
    "completion": "Print a shell completion script.",
}
"""What each does, in the order in which a new user needs them: `tui.cli.commands.NAME:NAME`.

Here, since importing all of them for the list would take most of the time of `--help`.
"""

WHAT_TO_TYPE = """\
What to type:
  fluvio-tui demo                          a live stream, with three filters to edit
  fluvio-tui topic create logs             create a topic
  tail -F log | fluvio-tui produce logs    append one record per line
  fluvio-tui watch logs -f sf1.rs          see it beside what a filter passes, while you edit the filter
  fluvio-tui consume logs smartstream --inline-filter sf1.rs
                                           the same filter, to standard output
  fluvio-tui doctor                        check what is needed to build filters
  fluvio-tui COMMAND --help                more about a command"""


class LazyGroup(click.Group):
    """Imports a command when it is used, and reports failures of all commands in one way."""

    def list_commands(self, _ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, _ctx: click.Context, cmd_name: str) -> click.Command | None:
        # What Fluvio calls it today.
        cmd_name = "smartstream" if cmd_name == "smartmodule" else cmd_name
        if cmd_name not in COMMANDS:
            return None
        command: click.Command = getattr(import_module(f"tui.cli.commands.{cmd_name}"), cmd_name)
        # Here, so that no command is forgotten.
        offer_log(command)
        return command

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.NoSuchCommand as error:
            # Click knows only commands that have been imported.
            raise click.NoSuchCommand(error.command_name, possibilities=list(COMMANDS), ctx=ctx) from None

    def invoke(self, ctx: click.Context) -> object:
        with failures_reported():
            try:
                return super().invoke(ctx)
            except click.NoSuchOption as error:
                raise in_our_words(error) from None


@click.group(
    cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]}
)
@data_option(root=True)
@log_option
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def fluvio_tui(ctx: click.Context) -> None:
    """A workbench for stream filters: save a filter, watch its pane change."""
    if ctx.invoked_subcommand is None:
        begin_log(ctx)
        click.echo(f"fluvio-tui {__version__}: a workbench for filters in Rust, JavaScript and Python\n")
        click.echo(f"{_topics()}\n\n{WHAT_TO_TYPE}")


def _topics() -> str:
    address = broker_choice().address
    place = f"{data_folder()}" if address.scheme == "embedded" else address.name
    if address.scheme == "embedded" and not data_folder().exists():
        return f"No topics yet in {place}"
    from tui.cli.commands.topic import topic_table

    with finish_first(), open_broker() as broker:
        table = topic_table(broker.topics.describe())
    return f"Topics in {place}:\n{table}" if table else f"No topics yet in {place}"
