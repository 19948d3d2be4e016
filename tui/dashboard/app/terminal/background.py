"""Whether the terminal's background is light: from its own answer, or from the environment."""

import re
from collections.abc import Mapping

QUERY = "\x1b]11;?\x1b\\"
"""Asks for the background colour (OSC 11). Terminals that do not know it answer nothing."""

LONGEST = 64
"""Characters of an answer at most."""

_ANSWER = re.compile(
    r"\x1b\]11;rgba?:([\da-fA-F]{1,4})/([\da-fA-F]{1,4})/([\da-fA-F]{1,4})[^\x07\x1b]*(?:\x07|\x1b\\)"
)
_BEGUN = re.compile(r"\x1b\](?:1(?:1(?:;[^\x07\x1b]*\x1b?)?)?)?$")
_LIGHT_COLOURS = frozenset({7, *range(9, 16)})


def said_light(environment: Mapping[str, str]) -> bool:
    """Whether COLORFGBG, which some terminals set (`0;15`), names a light background."""
    background = environment.get("COLORFGBG", "").rpartition(";")[2]
    return background.isdecimal() and int(background) in _LIGHT_COLOURS


class BackgroundAnswer:
    """Takes the answer out of a terminal's input: it comes among keys, perhaps in pieces, perhaps late."""

    def __init__(self) -> None:
        self.light: bool | None = None
        """None until the answer has come."""
        self._held = ""

    def take(self, text: str) -> str:
        """What is left of some input for others."""
        if self.light is not None:
            return text
        text, self._held = self._held + text, ""
        found = _ANSWER.search(text)
        if found is not None:
            red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
            self.light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            return text[: found.start()] + text[found.end() :]
        begun = _BEGUN.search(text)
        if begun is not None and len(begun.group()) < LONGEST:
            self._held = begun.group()
            return text[: begun.start()]
        return text
