"""Regular expressions of users, for RE2, which takes linear time."""

from typing import Any

from engine.units import InvalidValueError


def compiled(pattern: str) -> Any:
    """As google-re2 compiles it; `InvalidValueError`."""
    # Imported here, so that the command line starts sooner.
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        raise InvalidValueError(why_refused(error.args[0].decode(), pattern)) from error


def why_refused(reason: str, pattern: str) -> str:
    """Why RE2 refuses a pattern, in one line."""
    problem, _, part = reason.partition(": ")
    if part in ("(?=", "(?!", "(?<=", "(?<!"):
        return f"look-around '{part}' is not supported: match the text around it as well"
    if part == "(?P" and "(?P=" in pattern:
        part = "(?P="
    if part == "(?P=" or (problem == "invalid escape sequence" and part[1:] in (*"123456789", "k")):
        return f"back-reference '{part}' is not supported: repeat the pattern that it refers to"
    if problem.startswith("pattern too large"):
        return "the regular expression is too large: use fewer or smaller repetitions"
    return f"invalid regular expression: {reason}"
