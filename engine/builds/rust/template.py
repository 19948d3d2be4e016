"""The file that a new filter begins as."""

from pathlib import Path

from engine.builds.rust.paths import template_file
from engine.errors import BuildError


def write_template(path: Path) -> None:
    """Write a filter to begin with; `BuildError` where a file is there already, or none can be written."""
    text = template_file().read_text().replace("THIS_FILE", str(path))
    try:
        with path.open("x") as written:
            written.write(text)
    except FileExistsError as error:
        remedy = "choose another name, or use the file as it is"
        raise BuildError(f"{path} exists already", remedy) from error
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
