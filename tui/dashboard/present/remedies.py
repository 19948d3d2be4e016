"""What to do about an engine's error, in the dashboard."""

from engine.errors import EngineError

REMEDIES = {
    "build-scripts": "press {rebuild} in its pane to decide whether to allow them",
    "c-compiler": "run 'fluvio-tui doctor --fix --language javascript' in a shell, which installs it",
    "cargo": "run 'fluvio-tui doctor' in a shell, which shows the toolchain in use",
    "init": "change its parameters in the settings of its pane, or fix the file and save it",
    "look-back": "fix the file and save it, or open it with another --look-back",
    "too-many-faults": "fix the filter and save it",
    "toolchain": "run 'fluvio-tui doctor --fix' in a shell, which installs what is missing",
    "unprepared": "run 'fluvio-tui doctor --fix --language {subject}' in a shell, once",
    "unknown-smartstream": "add it with 'fluvio-tui smartstream add' in a shell",
}
"""By the code of the error."""


def explain(error: EngineError, rebuild: str = "r") -> str:
    """The message of an error and, on a line of its own, what to do about it.

    `rebuild` is the name of the key that builds a filter again.
    """
    return f"{error.message}\n{error.advice(REMEDIES).replace('{rebuild}', rebuild)}".rstrip()
