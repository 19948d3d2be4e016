"""What to type for options that users know from other tools, or from another command."""

import click

_POSITION = "-B begins at the oldest record, --start at an offset, -T so many before the end"
_WORDS = {
    "produce": {
        "-f": "name the FILE after the topic",
        "--file": "name the FILE after the topic",
        "-K": "use --key-separator",
        "-H": "use --header",
    },
    "consume": {
        "-o": _POSITION,
        "--offset": _POSITION,
        "--from-beginning": "use -B",
        "-f": "use -F",
        "-D": "use -O raw",
        "-J": "use -O json",
        "--smartmodule": "write 'smartmodule --use NAME' after the topic",
        "--smartmodule-path": "write 'smartmodule --module FILE.wasm' (or --inline FILE.rs) after the topic",
    },
    "run": {"-d": "use --to-end", "--disable-continuous": "use --to-end"},
    "add": {"--wasm-file": "use --file"},
}
"""By the name of our command, and the option of another one's that does the same."""


def in_our_words(error: click.NoSuchOption) -> click.NoSuchOption:
    """The error for an option that does not exist, with ours for it if other tools have it."""
    command = "" if error.ctx is None else error.ctx.command.name or ""
    ours = _WORDS.get(command, {}).get(error.option_name)
    if ours is None:
        return error
    return click.NoSuchOption(
        error.option_name, f"No such option '{error.option_name}': {ours}.", ctx=error.ctx
    )
