"""`fluvio-tui completion`: the script that lets a shell complete commands, options and names."""

import click
from click.shell_completion import get_completion_class

from tui.cli import COMPLETE


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print what lets a shell complete commands.

    Commands and options, and also the names of topics and stored SmartStreams, numbers of partitions, and
    files of the right kind. To have it always, put one line into the file that the shell reads at its start,
    in zsh's below 'compinit':

    \b
    ~/.bashrc                     source <(fluvio-tui completion bash)
    ~/.zshrc                      source <(fluvio-tui completion zsh)
    ~/.config/fish/config.fish    fluvio-tui completion fish | source

    To see the script:

    \b
    fluvio-tui completion bash
    """
    found = get_completion_class(shell)
    assert found is not None, "click knows these shells"
    root = click.get_current_context().find_root()
    click.echo(found(root.command, {}, "fluvio-tui", COMPLETE).source(), nl=False)
