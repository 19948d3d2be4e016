"""What a compiler says about a source."""

from dataclasses import dataclass

from engine.records.faults import Location


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One message of a compiler."""

    level: str
    """`error`, `warning`, or another word of the compiler's."""
    message: str
    code: str | None
    """As in `E0599`."""
    location: Location | None
    """In one of your files."""
    rendered: str
    """The message as the compiler prints it on a terminal, with colours as ANSI escapes."""

    @property
    def is_error(self) -> bool:
        """Whether the build fails because of it; the compiler's own failures are errors, too."""
        return self.level.startswith("error")
