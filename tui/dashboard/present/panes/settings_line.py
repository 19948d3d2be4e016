"""The rate limit and the parameters of a consumer as one line to edit: `50/s level=error 2:min=5`."""

import re
import shlex
from collections.abc import Mapping, Sequence

from engine import units
from engine.consumer.step import Step
from engine.units import InvalidValueError

Params = Mapping[str, str]
_OF_STEP = re.compile(r"(\d+):(.*)", re.DOTALL)


def settings_line(rate_limit: float | None, steps: Sequence[Step]) -> str:
    """The line to begin with."""
    return " ".join([units.rate_limit(rate_limit), *params_words(steps)])


def params_words(steps: Sequence[Step]) -> list[str]:
    """Each parameter as it is typed; those of the second step and later begin with its number."""
    return [
        shlex.quote(f"{f'{number}:' if number > 1 else ''}{name}={value}")
        for number, step in enumerate(steps, 1)
        for name, value in step.params.items()
    ]


def parse_settings(text: str, steps: int) -> tuple[float | None, tuple[Params, ...]]:
    """The rate limit, and the parameters of each step; `InvalidValueError`."""
    try:
        words = shlex.split(text)
    except ValueError:
        raise InvalidValueError("a quotation mark has no end: quote a value as in 'name=a b'") from None
    limits = [word for word in words if "=" not in word]
    if len(limits) != 1:
        raise InvalidValueError(
            f"type one rate limit (50/s, {units.MAX} or {units.HOLD}), and parameters as name=value"
        )
    params: list[dict[str, str]] = [{} for _ in range(steps)]
    for word in words:
        if "=" in word:
            step, name, value = _parameter(word, steps)
            params[step][name] = value
    return units.parse_rate_limit(limits[0]), tuple(params)


def _parameter(word: str, steps: int) -> tuple[int, str, str]:
    name, _, value = word.partition("=")
    numbered = _OF_STEP.fullmatch(name)
    number, name = (int(numbered[1]), numbered[2]) if numbered else (1, name)
    if not name:
        raise InvalidValueError(f"invalid parameter '{word}': use name=value")
    if not 1 <= number <= steps:
        raise InvalidValueError(f"invalid parameter '{word}': there is no step {number}")
    return number - 1, name, value
