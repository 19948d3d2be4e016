"""`--compression`: how records are compressed on disk."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from engine.broker.topics import COMPRESSIONS

_Command = TypeVar("_Command", bound=Callable[..., object])


def compression_option(words: str, **attributes: Any) -> Callable[[_Command], _Command]:
    """Add `--compression`; `words` are its help."""
    return click.option("--compression", type=click.Choice(COMPRESSIONS), help=words, **attributes)
