"""Completion of files and folders, for `shell_complete`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def folders(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Folders, which the shell lists."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="dir")]


def files(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
    """Files of any kind, which the shell lists."""
    from click.shell_completion import CompletionItem

    return [CompletionItem(begun, type="file")]


def sources(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Source files, and folders on the way to them."""
    from engine.builds.languages import SUFFIXES

    return list(_beginning_with(begun, SUFFIXES))


def modules(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Compiled modules, and folders on the way to them."""
    return list(_beginning_with(begun, [".wasm", ".bin"]))


def _beginning_with(begun: str, suffixes: Sequence[str]) -> Iterator[str]:
    found = sorted(_in_folder(begun, suffixes))
    if len(found) == 1 and found[0].endswith("/"):
        # A shell puts a space after a single candidate, which would end the path.
        yield from _beginning_with(found[0], suffixes)
    else:
        yield from found


def _in_folder(begun: str, suffixes: Sequence[str]) -> Iterator[str]:
    typed, slash, start = begun.rpartition("/")
    # RuntimeError: the home folder of an unknown user.
    with suppress(OSError, RuntimeError):
        for entry in os.scandir(Path(typed + slash).expanduser()):
            hidden = entry.name.startswith(".") and not start
            # Click's scripts do not quote names, so one that needs quotes would become another.
            if hidden or not entry.name.startswith(start) or quote(entry.name) != entry.name:
                continue
            if entry.is_dir():
                yield f"{typed}{slash}{entry.name}/"
            elif entry.name.endswith(tuple(suffixes)):
                yield f"{typed}{slash}{entry.name}"
