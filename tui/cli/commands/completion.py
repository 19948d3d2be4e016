"""`fluvio-tui completion`: shell completion of commands, options and names."""

import click
from click.shell_completion import get_completion_class

from tui.cli import COMPLETE


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print a shell completion script.

    It completes commands and options, names of topics, consumers and stored SmartStreams, partitions, and
    files of the right kind. Add one line to your shell's startup file (in zsh below 'compinit'):

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
