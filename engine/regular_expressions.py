"""What RE2 says about a regular expression that it refuses."""


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
