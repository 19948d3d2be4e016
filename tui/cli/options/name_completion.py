"""Completion of names in the data folder, for `shell_complete`.

It runs at every press of the tab key, so nothing heavy is imported and nothing is created. If the folder
cannot be read, there are no names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path

import click

from engine.errors import EngineError
from tui.cli.data_folder import data_folder


def topics(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of topics that are not on the line yet."""
    from tui.cli.composition import partitions_by_topic

    return _found(ctx, parameter, begun, partitions_by_topic)


def partitions(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Numbers of the partitions of the topic on the line."""
    from tui.cli.composition import partitions_by_topic

    # While an option lacks its value, click does not assign the other words to arguments.
    words = [ctx.params.get("topic"), *ctx.args]
    topic = next((word for word in words if word), "")
    return _found(
        ctx, parameter, begun, lambda data: map(str, range(partitions_by_topic(data).get(topic, 0)))
    )


def consumers(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of consumers that have a position."""
    from tui.cli.composition import consumer_names

    return _found(ctx, parameter, begun, consumer_names)


def smartstreams(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of stored SmartStreams that are not on the line yet."""
    from tui.cli.composition import module_names

    return _found(ctx, parameter, begun, module_names)


def brokers(_ctx: click.Context, _parameter: click.Parameter, begun: str) -> list[str]:
    """Names of brokers in the config file."""
    from tui.config.brokers import parse_brokers
    from tui.config.content import read_content

    content = read_content()
    names = ["embedded", *parse_brokers(content.values, content.path.parent).profiles]
    return [name for name in names if name.startswith(begun)]


def layouts(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of saved layouts."""
    from tui.cli.broker_choice import broker_choice
    from tui.dashboard.app.session_state import Memory

    def saved(data: Path) -> Iterable[str]:
        return Memory(data, broker_choice(ctx).address.name).layouts()

    return _found(ctx, parameter, begun, saved, of_cluster=True)


def _found(
    ctx: click.Context,
    parameter: click.Parameter,
    begun: str,
    find: Callable[[Path], Iterable[str]],
    *,
    of_cluster: bool = False,
) -> list[str]:
    """What begins so of what `find` finds in the data folder, which holds something `of_cluster`s or not."""
    from tui.cli.broker_choice import broker_choice

    typed = ctx.params.get(parameter.name or "")
    taken = {str(word) for word in typed} if isinstance(typed, tuple) else set()
    # A shell passes what was typed: `~` is not expanded yet, which fails for an unknown user.
    with suppress(EngineError, RuntimeError):
        if not of_cluster and broker_choice(ctx).address.scheme != "embedded":
            return []
        names = find(data_folder(ctx).expanduser())
        return [name for name in names if name.startswith(begun) and name not in taken]
    return []
