"""Completion of files and folders, for `shell_complete`."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING

from engine.builds.languages import SUFFIXES

if TYPE_CHECKING:
    import click
    from click.shell_completion import CompletionItem


def _listed_by_the_shell(kind: str) -> Callable[[click.Context, click.Parameter, str], list[CompletionItem]]:
    def complete(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(begun, type=kind)]

    return complete


def _ending_in(*suffixes: str) -> Callable[[click.Context, click.Parameter, str], list[str]]:
    """Files with these suffixes, and folders on the way to them."""

    def complete(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
        found = sorted(_in_folder(begun, suffixes))
        while len(found) == 1 and found[0].endswith("/"):
            # A shell puts a space after a single candidate, which would end the path.
            found = sorted(_in_folder(found[0], suffixes))
        return found

    return complete


folders, files = _listed_by_the_shell("dir"), _listed_by_the_shell("file")
sources, modules = _ending_in(*SUFFIXES), _ending_in(".wasm", ".bin")
smartstreams = _ending_in(*SUFFIXES, ".wasm")


def _in_folder(begun: str, suffixes: tuple[str, ...]) -> Iterator[str]:
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
            elif entry.name.endswith(suffixes):
                yield f"{typed}{slash}{entry.name}"
