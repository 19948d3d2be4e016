"""The help of every command."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest
from click.testing import CliRunner

from tests.tui.cli.conftest import PATIENCE
from tests.tui.cli.test_start import HEAVY
from tui.cli.root import COMMANDS, fluvio_tui


def commands(
    group: click.Group = fluvio_tui, path: tuple[str, ...] = ()
) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    """Every command that does something, and the words that name it."""
    ctx = click.Context(group)
    for name in group.list_commands(ctx):
        command = group.get_command(ctx, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


def _command(name: str) -> click.Command | None:
    return fluvio_tui.get_command(click.Context(fluvio_tui), name)


ALL = {" ".join(path): (path, command) for path, command in commands()}
every_command = pytest.mark.parametrize("path, command", ALL.values(), ids=ALL)


def examples(text: str) -> list[list[str]]:
    """The words of each command of ours in the lines that begin with one, or with what is piped into one."""
    found = []
    for line in re.findall(r"^ *((?:\S.*\| *)?fluvio-tui .*)$", text, re.MULTILINE):
        words = shlex.split(line)
        while words:
            end = words.index("|") if "|" in words else len(words)
            if words[0] == "fluvio-tui":
                found.append(words[1:end])
            words = words[end + 1 :]
    return found


def parse(words: list[str]) -> None:
    command: click.Command = fluvio_tui
    ctx = click.Context(command, **command.context_settings)
    while isinstance(command, click.Group):
        name, words = words[0], words[1:]
        following = command.get_command(ctx, name)
        assert following is not None, name
        command, ctx = following, click.Context(following, ctx, name)
    command.make_context(name, words, ctx.parent)


@every_command
def test_help_starts_with_usage(path: tuple[str, ...], command: click.Command) -> None:
    ran = CliRunner().invoke(fluvio_tui, [*path, "--help"], prog_name="fluvio-tui")
    assert ran.exit_code == 0
    assert ran.output.startswith(f"Usage: fluvio-tui {' '.join(path)} ")
    # In a raw docstring it would not mark the examples as lines of their own.
    assert "\\b" not in ran.output


@pytest.mark.parametrize("group", [name for name in COMMANDS if isinstance(_command(name), click.Group)])
def test_help_of_a_group_says_all_of_each_command(group: str) -> None:
    assert "..." not in CliRunner().invoke(fluvio_tui, [group, "--help"]).output.partition("Commands:")[2]


@every_command
def test_help_has_valid_examples(path: tuple[str, ...], command: click.Command) -> None:
    found = examples(command.help or "")
    assert any(tuple(words[: len(path)]) == path for words in found)
    for words in found:
        parse(words)


def test_invalid_example_is_detected() -> None:
    with pytest.raises(click.NoSuchOption):
        parse(*examples("text\n  cat x | fluvio-tui topic list --nothing\n"))


def test_help_is_fast_and_imports_nothing_heavy() -> None:
    lines = [["--version"], ["--help"], ["topic", "--help"], *([*path, "--help"] for path, _ in ALL.values())]
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from tui.cli.root import fluvio_tui\n"
        f"for line in {lines!r}:\n"
        "    ran = CliRunner().invoke(fluvio_tui, line)\n"
        "    assert ran.exit_code == 0, ran\n"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    assert ran.stdout == "[]\n"


def test_help_lists_every_command() -> None:
    listed = CliRunner().invoke(fluvio_tui, ["--help"]).output
    assert [name for name in COMMANDS if f"\n  {name} " not in listed] == []


def test_list_of_commands_says_what_each_says() -> None:
    ctx = click.Context(fluvio_tui)
    found = {name: fluvio_tui.get_command(ctx, name) for name in fluvio_tui.list_commands(ctx)}
    said = {name: command and command.get_short_help_str(limit=200) for name, command in found.items()}
    assert said == COMMANDS


def test_list_of_commands_imports_none_of_them() -> None:
    code = (
        "import sys\n"
        "from click.testing import CliRunner\n"
        "from tui.cli.root import fluvio_tui\n"
        "CliRunner().invoke(fluvio_tui, ['--help'])\n"
        "print([name for name in sys.modules if name.startswith('tui.cli.commands')])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
