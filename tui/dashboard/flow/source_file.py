"""The file that is edited in the dashboard: nothing of another program's is overwritten unasked."""

from contextlib import suppress
from pathlib import Path
from unicodedata import category

from engine.errors import EngineError
from engine.files import read_regular_file, replace_file

LARGEST = 1 << 20
"""Bytes of a file that is edited here at most."""


class SourceFileError(EngineError):
    """The file cannot be edited here, or not be written."""


class SourceChangedError(EngineError):
    """Another program changed the file since it was read."""


class SourceFile:
    """A text file, and what it held when it was read or written last."""

    def __init__(self, path: Path) -> None:
        """Read it; `SourceFileError` if it cannot be edited here."""
        self.path = path
        self._known = self._read()
        self.text = self._decoded(self._known)

    @property
    def changed(self) -> bool:
        """Whether it holds something else now; a file that cannot be read counts as one without content."""
        with suppress(SourceFileError):
            return self._read() != self._known
        return self._known != b""

    def reload(self) -> str:
        """Read it again; `SourceFileError`."""
        found = self._read()
        self.text = self._decoded(found)
        self._known = found
        return self.text

    def save(self, text: str, *, overwrite: bool = False) -> None:
        """Write it; `SourceChangedError` if it was changed, unless that is to be overwritten."""
        if not overwrite and self.changed:
            raise SourceChangedError(f"{self.path} was changed by another program")
        content = text.encode()
        # A link stays one, and the file keeps its mode.
        path = self.path.resolve()
        try:
            mode = path.stat().st_mode & 0o777 if path.exists() else None
            replace_file(path, content)
            if mode is not None:
                path.chmod(mode)
        except OSError as error:
            raise SourceFileError(f"cannot write {self.path}: {error.strerror or error}") from error
        self._known, self.text = content, text

    def set_aside(self) -> Path:
        """Copy what the file holds now to a new file beside it, which is returned; `SourceFileError`."""
        content = self._read()
        number, copy = 1, self.path.with_name(f"{self.path.name}.other")
        while copy.exists():
            number, copy = number + 1, self.path.with_name(f"{self.path.name}.other{number}")
        try:
            replace_file(copy, content)
        except OSError as error:
            raise SourceFileError(f"cannot write {copy}: {error.strerror or error}") from error
        return copy

    def _read(self) -> bytes:
        try:
            found = read_regular_file(self.path, limit=LARGEST)
        except OSError as error:
            raise SourceFileError(f"cannot read {self.path}: {error.strerror or error}") from error
        if found is None:
            raise SourceFileError(f"cannot edit {self.path} here: not a regular file, or too large")
        return found

    def _decoded(self, content: bytes) -> str:
        try:
            text = content.decode()
        except UnicodeDecodeError as error:
            raise SourceFileError(f"cannot edit {self.path} here: it is not UTF-8 text") from error
        if any(category(letter) == "Cc" for letter in text if letter not in "\t\n\r"):
            raise SourceFileError(f"cannot edit {self.path} here: it has control characters")
        return text
