"""The file that a new SmartStream starts as."""

from pathlib import Path

from engine.builds.languages import language_of
from engine.errors import BuildError


def write_template(path: Path) -> None:
    """Write a SmartStream to start with; `BuildError` if the file exists or cannot be written."""
    text = language_of(path).template(path)
    try:
        with path.open("x") as written:
            written.write(text)
    except FileExistsError as error:
        remedy = "choose another name, or use the file as it is"
        raise BuildError(f"{path} exists already", remedy) from error
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
