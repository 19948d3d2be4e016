"""The styles in which the times of records are shown."""

from enum import Enum


class TimeStyle(Enum):
    """How times are shown; the values are remembered between sessions."""

    LOCAL = "local"
    UTC = "utc"
    AGE = "age"
    STEP = "difference"
    """Since the record in the row above."""

    @property
    def next(self) -> "TimeStyle":
        styles = list(TimeStyle)
        return styles[(styles.index(self) + 1) % len(styles)]
