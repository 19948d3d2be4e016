"""Reads Rust, as far as that is not left to the compiler."""

import re

_SPACE = re.compile(r"[\s\ufeff]+")
_SHEBANG = re.compile(r"#!(?!\s*\[)[^\n]*")
_LINE_COMMENT = re.compile(r"//(?!/(?!/))(!?)[^\n]*")
_BLOCK_COMMENT = re.compile(r"/\*(?!\*(?![*/]))(!?)")
_ATTRIBUTE = re.compile(r"#\s*!\s*\[")
_COMMENT_EDGE = re.compile(r"/\*|\*/")
_BRACKET = re.compile(r"""(?s)r(#*)".*?"\1|"(?:\\.|[^"\\])*"|[\[\]]""")
_FUNCTION = re.compile(r"^[ \t]*(?:pub(?:\([^)\n]*\))?\s+)?fn\s+(\w+)", re.MULTILINE)


def inner_attributes_end(text: str) -> int:
    """Where the inner attributes at the start of a file (`//!`, `#![…]`) end; 0 if there are none.

    Rust allows them only at the start of a crate, not in an included file.
    """
    end = 0
    shebang = _SHEBANG.match(text)
    at = end = shebang.end() if shebang else 0
    while True:
        following, is_attribute = _pass_over(text, at)
        if following == at:
            return end
        at = following
        if is_attribute:
            end = at


def functions(text: str) -> list[tuple[str, int, int]]:
    """The functions of a file that could be its filter: name, line and column, from 1."""
    return [
        (match[1], text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start))
        for match in _FUNCTION.finditer(text)
        for start in [match.start(1)]
    ]


def _pass_over(text: str, at: int) -> tuple[int, bool]:
    """Where the token at `at` ends, and whether it is an inner attribute; `at` if an item starts there."""
    if match := _SPACE.match(text, at):
        return match.end(), False
    if match := _LINE_COMMENT.match(text, at):
        return match.end(), bool(match[1])
    if match := _BLOCK_COMMENT.match(text, at):
        return _balance(text, match.start(), _COMMENT_EDGE, "/*", "*/"), bool(match[1])
    if match := _ATTRIBUTE.match(text, at):
        end = _balance(text, match.end() - 1, _BRACKET, "[", "]")
        return (end, True) if end >= match.end() else (at, False)
    return at, False


def _balance(text: str, at: int, pattern: re.Pattern[str], opening: str, closing: str) -> int:
    depth = 0
    for match in pattern.finditer(text, at):
        depth += (match[0] == opening) - (match[0] == closing)
        if depth == 0:
            return match.end()
    return at
