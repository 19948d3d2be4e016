"""What the compiler says of a filter, as data."""

from dataclasses import dataclass

from engine.verdicts import Location


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of the compiler, or of this program, about a filter's source."""

    level: str
    """`error`, `warning`, `note` or `help`, as rustc calls them."""
    message: str
    code: str | None
    """rustc's code, such as `E0599`, where it gave one."""
    location: Location | None
    """The first place it points at, in the person's own file."""
    rendered: str
    """The whole message as rustc prints it, with its colours as ANSI escapes."""
