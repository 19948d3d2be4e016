"""How logs write times: the one table by which they are found in lines, and parsed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

Parse = Callable[[str], datetime]

ISO = r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?(?: ?(?:Z|UTC|GMT|[+-]\d\d:?\d\d))?"
_ZONE_BY_NAME = re.compile(" ?(?:UTC|GMT)$")
_SPACE_BEFORE_ZONE = re.compile(r" (?=[+-]\d\d:?\d\d$)")
_CLOCK = r"\d\d:\d\d:\d\d"


@dataclass(frozen=True, slots=True, kw_only=True)
class TimeForm:
    """One way to write a time."""

    shape: str
    """What finds it in a line: a regular expression of RE2 without groups."""
    before: str = ""
    """What has to be before it in a line, so that nothing else is taken for it."""
    patterns: tuple[str, ...] = ()
    """Those of `strptime` that it may have. Without a year it is the latest one."""
    parse: Parse | None = None
    """What parses it instead."""
    in_lines: bool = True
    """Whether it is looked for in any line, or is too like other numbers for that."""

    @property
    def search(self) -> str:
        """What finds it in a line, as the group `time`."""
        return f"{self.before}(?P<time>{self.shape})"


def _iso(text: str) -> datetime:
    return datetime.fromisoformat(_SPACE_BEFORE_ZONE.sub("", _ZONE_BY_NAME.sub("Z", text)))


def _slashes(text: str) -> datetime:
    return _iso(text.replace("/", "-", 2))


FORMS = (
    # ISO 8601: Python, log4j, PostgreSQL, syslog (RFC 5424), Docker, CRI.
    TimeForm(shape=ISO, parse=_iso),
    # nginx's errors, Go.
    TimeForm(shape=rf"\d{{4}}/\d\d/\d\d {_CLOCK}(?:[.,]\d{{1,9}})?", parse=_slashes),
    # Web servers' accesses, HAProxy.
    TimeForm(
        shape=rf"\d\d/[A-Z][a-z]{{2}}/\d{{4}}:{_CLOCK}(?:\.\d{{1,6}})?(?: [+-]\d{{4}})?",
        patterns=("%d/%b/%Y:%H:%M:%S %z", "%d/%b/%Y:%H:%M:%S.%f", "%d/%b/%Y:%H:%M:%S"),
    ),
    # Apache's errors, ctime.
    TimeForm(
        shape=rf"[A-Z][a-z]{{2}} [A-Z][a-z]{{2}} [ \d]\d {_CLOCK}(?:\.\d{{1,6}})? \d{{4}}",
        patterns=("%a %b %d %H:%M:%S.%f %Y", "%a %b %d %H:%M:%S %Y"),
    ),
    # Redis, Tomcat, mail.
    TimeForm(
        shape=rf"\d\d?[ -][A-Z][a-z]{{2}}[ -]\d{{4}} {_CLOCK}(?:\.\d{{1,6}})?(?: [+-]\d{{4}})?",
        patterns=(
            *("%d %b %Y %H:%M:%S.%f", "%d %b %Y %H:%M:%S %z", "%d %b %Y %H:%M:%S"),
            *("%d-%b-%Y %H:%M:%S.%f", "%d-%b-%Y %H:%M:%S"),
        ),
    ),
    # java.util.logging.
    TimeForm(shape=r"[A-Z][a-z]{2} \d\d?, \d{4} \d\d?:\d\d:\d\d [AP]M", patterns=("%b %d, %Y %I:%M:%S %p",)),
    # syslog (RFC 3164).
    TimeForm(shape=rf"[A-Z][a-z]{{2}} [ \d]\d {_CLOCK}", patterns=("%b %d %H:%M:%S",)),
    # Kubernetes' own logs (klog).
    TimeForm(shape=rf"\d{{4}} {_CLOCK}\.\d{{6}}", before=r"\b[IWEF]", patterns=("%m%d %H:%M:%S.%f",)),
    # Spark.
    TimeForm(shape=rf"\d\d/\d\d/\d\d {_CLOCK}", patterns=("%y/%m/%d %H:%M:%S",)),
    # Hadoop.
    TimeForm(shape=r"\d{6} \d{6}", patterns=("%y%m%d %H%M%S",), in_lines=False),
)
