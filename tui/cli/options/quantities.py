"""Parameter types for the quantities of `engine.units`."""

from collections.abc import Callable
from typing import Any

import click

from engine import units
from tui.config import values


class Quantity(click.ParamType[Any]):
    """Parses by a function that raises `InvalidValueError`."""

    def __init__(self, name: str, parse: Callable[[str], Any]) -> None:
        self.name = name
        self._parse = parse

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return self._parse(value)
        except units.InvalidValueError as error:
            self.fail(error.message, param, ctx)


class WholeNumber(click.IntRange):
    """A number within bounds, which click calls an integer range."""

    name = "whole number"


class Number(click.FloatRange):
    """The same with decimals, which click calls a float range."""

    name = "number"


def parse_assignment(text: str) -> tuple[str, str]:
    """The name and the value in `name=value`; `InvalidValueError`, which repeats neither."""
    name, equals, value = text.partition("=")
    if not name or not equals:
        raise units.InvalidValueError("invalid setting: use NAME=VALUE")
    return name, value


ASSIGNMENT = Quantity("setting", parse_assignment)


def _listening_address(text: str) -> tuple[str, int]:
    """`HOST:PORT`, or a port of this machine."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 <= int(port) < 1 << 16:
        raise units.InvalidValueError(f"invalid address '{text}': use HOST:PORT, e.g. 127.0.0.1:9464")
    return host.removeprefix("[").removesuffix("]") or "127.0.0.1", int(port)


DURATION = Quantity("duration", units.parse_duration)
PAST_TIME = Quantity("time", units.parse_past_time)
SIZE = Quantity("size", units.parse_size)
RATE = Quantity("rate", units.parse_rate)
RATE_LIMIT = Quantity("rate", units.parse_rate_limit)
TIME_LIMIT = Quantity("duration", values.time_limit)
GUEST_MEMORY = Quantity("size", values.guest_memory)
OUTPUT_SIZE = Quantity("size", values.output_size)
LISTENING_ADDRESS = Quantity("address", _listening_address)
COUNT_OR_NEVER = Quantity("count", units.parse_count_or_never)
