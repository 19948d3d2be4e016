"""The command line. Importing it must stay cheap: everything heavy is imported where it is used."""

from tui.cli.signals import end_quietly_on_signals


def main() -> None:
    """Run the command line with this process's arguments, and exit."""
    end_quietly_on_signals()
    from tui.cli.root import fluvio_tui

    fluvio_tui(prog_name="fluvio-tui")
