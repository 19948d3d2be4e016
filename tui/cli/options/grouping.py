"""What options of several commands have in common."""

from collections.abc import Callable, Mapping
from functools import reduce
from typing import TypeVar

import click

_Command = TypeVar("_Command", bound=Callable[..., object])


def option_group(*options: Callable[[_Command], _Command]) -> Callable[[_Command], _Command]:
    """Options as one decorator, in the order in which help lists them."""

    def add(command: _Command) -> _Command:
        return reduce(lambda decorated, option: option(decorated), reversed(options), command)

    return add


def only_one(options: Mapping[str, object]) -> str:
    """The name of the option that is not None, or empty; `UsageError` if several are not."""
    given = [name for name, value in options.items() if value is not None]
    if len(given) > 1:
        raise click.UsageError(f"{' and '.join(given)} cannot be used together")
    return given[0] if given else ""
