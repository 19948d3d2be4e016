"""The languages that SmartStreams can be written in. Importing this loads no toolchain."""

from collections.abc import Mapping
from pathlib import Path

from engine.builds.language import Language
from engine.builds.rust.language import Rust
from engine.errors import BuildError

LANGUAGES: tuple[Language, ...] = (Rust(),)
SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.suffixes)


def language_of(path: Path) -> Language:
    """The language of a source file, by its suffix; the first one if no suffix fits."""
    return next((one for one in LANGUAGES if path.suffix in one.suffixes), LANGUAGES[0])


def write_template(path: Path, crates: Mapping[str, str] | None = None) -> None:
    """Write a SmartStream to start with, which may use `crates`, as in `Language.template`.

    `BuildError` if the file exists or cannot be written.
    """
    text = language_of(path).template(path, crates or {})
    try:
        with path.open("x") as written:
            written.write(text)
    except FileExistsError as error:
        raise BuildError(f"{path} exists already", "choose another name, or use the file as it is") from error
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
