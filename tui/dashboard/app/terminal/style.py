"""From one style of a terminal to another, in few bytes."""

import re
from functools import lru_cache

PLAIN = ""
"""The style of a terminal before any is set. A style is the parameters that select it (SGR)."""

_PARAMETER = re.compile(
    r"(?P<text>38;2;\d+;\d+;\d+|38;5;\d+|(?:3[0-79]|9[0-7])(?!\d))"
    r"|(?P<behind>48;2;\d+;\d+;\d+|48;5;\d+|(?:4[0-79]|10[0-7])(?!\d))"
    r"|(?P<other>\d+)"
)


@lru_cache(maxsize=1 << 12)
def transition(before: str, after: str) -> str:
    """What to write between texts in two different styles."""
    text, behind, others = _parsed(before)
    new_text, new_behind, new_others = _parsed(after)
    if others != new_others:
        return f"\x1b[0;{after}m" if after else "\x1b[m"
    changes = [new for old, new in ((text, new_text), (behind, new_behind)) if old != new]
    return f"\x1b[{';'.join(changes)}m"


def _parsed(style: str) -> tuple[str, str, tuple[str, ...]]:
    """The colour of the text, that behind it, and all else."""
    text, behind, others = "39", "49", []
    for parameter in _PARAMETER.finditer(style):
        text = parameter["text"] or text
        behind = parameter["behind"] or behind
        if parameter["other"]:
            others.append(parameter["other"])
    return text, behind, tuple(others)
