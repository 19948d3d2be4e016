"""What happened to one record: its status, and the verdict that a screen shows."""

from enum import IntEnum


class Status(IntEnum):
    """How the evaluation of one input record ended."""

    OK = 1
    ERROR = 2
    """The SmartStream returned `Err`."""
    TRAP = 3
    """It crashed on this record."""
    TIMEOUT = 4
    """It exceeded the time limit of a record."""
    PENDING = 255
    """Not evaluated yet."""


class Verdict(IntEnum):
    """A status, with OK divided by whether the record has an output."""

    DROP = 0
    PASS = 1
    ERROR = Status.ERROR
    TRAP = Status.TRAP
    TIMEOUT = Status.TIMEOUT
    PENDING = Status.PENDING
