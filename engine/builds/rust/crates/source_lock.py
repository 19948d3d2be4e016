"""The lock file beside a source: the versions of the crates that it is built with."""

import logging
from pathlib import Path

from engine.errors import BuildError
from engine.files import read_regular_file, replace_file

_LARGEST = 16 << 20
_LOG = logging.getLogger(__name__)


class SourceLock:
    """A Cargo.lock under another name: `sf1.lock` beside `sf1.rs`."""

    def __init__(self, source: Path) -> None:
        self.path = source.with_suffix(".lock")

    def read(self) -> str | None:
        """Its content; None if there is none. `BuildError` if the file is something else."""
        try:
            content = read_regular_file(self.path, limit=_LARGEST)
            text = content.decode() if content is not None else ""
        except FileNotFoundError:
            return None
        except (OSError, UnicodeDecodeError):
            text = ""
        if "[[package]]" not in text:
            raise BuildError(f"{self.path} is no lock file of cargo's", "rename it, or remove it")
        return text

    def write(self, text: str) -> None:
        """Replace its content; a folder that cannot be written keeps what it has."""
        try:
            replace_file(self.path, text.encode(), durable=False)
        except OSError as error:
            _LOG.info("%s cannot be written: %s", self.path, error.strerror)
