"""The man page, from the help of every command."""

import inspect
import re
from collections.abc import Iterator

import click

_WIDTH = 100


def man_page(program: click.Command, name: str) -> str:
    """All commands on one page, in roff."""
    about = (program.help or "").rstrip(".")
    lines = [
        '.\\" Written by docs/generate.py: edit what it reads, then run `make docs`.',
        f'.TH {name.upper()} 1 "" "{name}" "User Commands"',
        ".SH NAME",
        f"{_escaped(name)} \\- {_escaped(about)}",
        *_command(name, program, None),
    ]
    return "\n".join(lines) + "\n"


def _command(name: str, command: click.Command, parent: click.Context | None) -> Iterator[str]:
    ctx = click.Context(command, parent, name, terminal_width=_WIDTH, help_option_names=["-h", "--help"])
    yield ".SH SYNOPSIS" if parent is None else f'.SH "{_escaped(ctx.command_path)}"'
    usage = " ".join(command.collect_usage_pieces(ctx))
    yield f".B {_escaped(ctx.command_path)}"
    yield _escaped(usage)
    if parent is None:
        yield ".SH DESCRIPTION"
    yield from _text(command.help or "")
    for parameter in command.get_params(ctx):
        # Arguments are in the usage.
        record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
        if record is not None:
            yield from (".TP", f"\\fB{_escaped(record[0])}\\fR", _escaped(record[1]))
    if isinstance(command, click.Group):
        for child in command.list_commands(ctx):
            found = command.get_command(ctx, child)
            assert found is not None, child
            yield from _command(child, found, ctx)


def _text(text: str) -> Iterator[str]:
    """Paragraphs; those marked with a backspace keep their lines."""
    for paragraph in re.split(r"\n\s*\n", inspect.cleandoc(text)):
        lines = paragraph.splitlines()
        yield ".PP"
        if lines[0] == "\b":
            yield from (".nf", ".RS", *map(_escaped, lines[1:]), ".RE", ".fi")
        else:
            yield _escaped(" ".join(line.strip() for line in lines))


def _escaped(text: str) -> str:
    """Text for a line of its own, which roff leaves as it is."""
    text = " ".join(text.split("\n")).replace("\\", "\\e").replace("-", "\\-")
    return f"\\&{text}" if text.startswith((".", "'")) else text
