"""Gets the password of a broker from where its profile says."""

from __future__ import annotations

import os
import subprocess

from engine.errors import BrokerError
from tui.cli.broker_choice import Password

PATIENCE = 60.0
"""Seconds that a command has; it may ask the user for something."""


def password_of(profile: str, where: Password, prefix: str = "") -> str:
    """The password; `prefix` is what the keys of the profile begin with.

    `BrokerError` if there is none. No message repeats what a command or variable holds.
    """
    if where.variable:
        found = os.environ.get(where.variable, "")
        if not found:
            raise BrokerError(
                f"the {prefix}password of broker '{profile}' is missing",
                f"set the environment variable {where.variable}",
            )
        return found
    try:
        ran = subprocess.run(where.command, shell=True, stdout=subprocess.PIPE, timeout=PATIENCE)
    except subprocess.TimeoutExpired:
        raise BrokerError(
            f"{prefix}password-command of broker '{profile}' took longer than {PATIENCE:.0f} s",
            "run it by hand",
        ) from None
    lines = ran.stdout.decode(errors="surrogateescape").splitlines()
    if ran.returncode or not lines:
        what = f"ended with status {ran.returncode}" if ran.returncode else "printed nothing"
        raise BrokerError(f"{prefix}password-command of broker '{profile}' {what}", "run it by hand")
    return lines[0]
