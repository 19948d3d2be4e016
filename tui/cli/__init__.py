"""The command line. Importing it must stay cheap: heavy modules are imported where they are used."""

import os
import sys

COMPLETE = "_FLUVIO_TUI_COMPLETE"
"""The environment variable in which a shell asks for completions."""


def main() -> None:
    """Run the command line with this process's arguments, and exit."""
    if sys.platform == "win32":
        sys.exit(
            "fluvio-tui: Windows is not supported: install and run fluvio-tui in WSL, e.g. 'wsl --install'"
        )
    # Windows has neither the signals nor the modules that these need.
    from tui.cli.process.signals import exit_on_signals
    from tui.cli.process.streams import ensure_standard_streams

    exit_on_signals()
    ensure_standard_streams()
    try:
        from tui.cli.root import fluvio_tui

        if COMPLETE in os.environ:
            from click.shell_completion import add_completion_class

            from tui.cli.options.completion.bash import Bash

            add_completion_class(Bash)
        fluvio_tui(prog_name="fluvio-tui", complete_var=COMPLETE)
    except (OSError, RuntimeError) as error:
        # Help that cannot be written; a signal while modules are imported.
        from tui.cli.process.failures import end_with

        end_with(error)
