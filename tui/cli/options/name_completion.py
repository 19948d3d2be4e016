"""Completion of names in the data folder, for `shell_complete`.

It runs at every press of the tab key, so nothing heavy is imported and nothing is created. If the folder
cannot be read, there are no names.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress

import click

from engine.errors import EngineError
from tui.cli.data_folder import data_folder


def topics(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of topics that are not on the line yet."""
    return _left(ctx, parameter, begun, _partitions_by_topic(ctx))


def partitions(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Numbers of the partitions of the topic on the line."""
    # While an option lacks its value, click does not assign the other words to arguments.
    words = [ctx.params.get("topic"), *ctx.args]
    topic = next((word for word in words if word), "")
    count = _partitions_by_topic(ctx).get(topic, 0)
    return _left(ctx, parameter, begun, map(str, range(count)))


def consumers(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of consumers that have a position."""
    from tui.cli.composition import consumer_names

    names: list[str] = []
    with suppress(EngineError, RuntimeError):
        names = consumer_names(data_folder(ctx).expanduser())
    return _left(ctx, parameter, begun, names)


def smartstreams(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of stored SmartStreams that are not on the line yet."""
    from engine.library.names import modules_folder, stored_names

    names: list[str] = []
    with suppress(EngineError, RuntimeError):
        names = stored_names(modules_folder(data_folder(ctx).expanduser()))
    return _left(ctx, parameter, begun, names)


def _partitions_by_topic(ctx: click.Context) -> dict[str, int]:
    from tui.cli.composition import partitions_by_topic

    # A shell passes what was typed: `~` is not expanded yet, which fails for an unknown user.
    with suppress(EngineError, RuntimeError):
        return partitions_by_topic(data_folder(ctx).expanduser())
    return {}


def _left(ctx: click.Context, parameter: click.Parameter, begun: str, names: Iterable[str]) -> list[str]:
    typed = ctx.params.get(parameter.name or "")
    taken = {str(word) for word in typed} if isinstance(typed, tuple) else set()
    return [name for name in names if name.startswith(begun) and name not in taken]
