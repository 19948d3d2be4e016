"""Completion of names that the chosen broker has, for `shell_complete`.

It runs at every press of the tab key, so nothing heavy is imported for the embedded broker, and nothing is
created. A cluster has a second to answer. If it does not, or a folder cannot be read, there are no names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import click

from engine.errors import EngineError
from tui.cli.data_folder import data_folder

if TYPE_CHECKING:
    from tui.cli.broker_choice import BrokerChoice


def topics(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Names of topics that are not on the line yet."""
    from tui.cli.composition import partitions_by_topic

    return _found(ctx, parameter, begun, partitions_by_topic)


def topic_on_line(ctx: click.Context) -> str:
    """The name of the topic that was typed; empty for none."""
    # While an option lacks its value, click does not assign the other words to arguments.
    words = [ctx.params.get("topic"), *(ctx.params.get("words") or ()), *ctx.args]
    return next((word for word in words if word), "")


def partitions(ctx: click.Context, parameter: click.Parameter, begun: str) -> list[str]:
    """Numbers of the partitions of the topic on the line."""
    from tui.cli.composition import partitions_by_topic

    topic = topic_on_line(ctx)

    def numbers(choice: BrokerChoice, data: Path) -> Iterable[str]:
        return map(str, range(partitions_by_topic(choice, data).get(topic, 0)))

    return _found(ctx, parameter, begun, numbers)


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
    from tui.dashboard.app.session_state import Memory

    def saved(choice: BrokerChoice, data: Path) -> Iterable[str]:
        return Memory(data, choice.address.name).layouts()

    return _found(ctx, parameter, begun, saved)


def _found(
    ctx: click.Context,
    parameter: click.Parameter,
    begun: str,
    find: Callable[[BrokerChoice, Path], Iterable[str]],
) -> list[str]:
    """Those that `find` finds and that begin with what is typed."""
    from tui.cli.broker_choice import broker_choice

    typed = ctx.params.get(parameter.name or "")
    taken = {str(word) for word in typed} if isinstance(typed, tuple) else set()
    # A shell passes what was typed: `~` is not expanded yet, which fails for an unknown user.
    with suppress(EngineError, RuntimeError):
        names = find(broker_choice(ctx), data_folder(ctx).expanduser())
        return [name for name in names if name.startswith(begun) and name not in taken]
    return []
