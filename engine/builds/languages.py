"""The languages that SmartStreams can be written in. Importing this loads no toolchain."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from engine.builds.javascript.language import JavaScript
from engine.builds.javascript.typescript import TypeScript
from engine.builds.language import Language
from engine.builds.python.language import Python
from engine.builds.rust.language import Rust
from engine.errors import BuildError
from engine.files import check_folder, create_folder, replace_file
from engine.resources import cache_folder

if TYPE_CHECKING:
    from engine.fields.path import Path as FieldPath

LANGUAGES: tuple[Language, ...] = (Rust(), JavaScript(), TypeScript(), Python())
NAMES = tuple(language.name.lower() for language in LANGUAGES)
SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.suffixes)
ENDINGS = f"{', '.join(SUFFIXES[:-1])} or {SUFFIXES[-1]}"
"""The suffixes as a sentence has them."""
SOURCE = f"FILE.{'|'.join(language.suffixes[0].removeprefix('.') for language in LANGUAGES)}"
"""What stands for a source file in the help of commands."""
_EXPRESSION = "expression"
"""The file of an expression; the source that evaluates it, beside it, has a suffix."""


def language_of(path: Path) -> Language:
    """The language of a source file, by its suffix; the first one if no suffix fits."""
    return next((one for one in LANGUAGES if path.suffix in one.suffixes), LANGUAGES[0])


def fields_read(path: Path, text: str) -> tuple["FieldPath", ...]:
    """The fields that a source names, as far as its text shows."""
    return language_of(path).fields_read(text)


def language_named(name: str) -> Language:
    """The language of a name, in small letters."""
    return next(language for language in LANGUAGES if language.name.lower() == name)


def write_template(path: Path, crates: Mapping[str, str] | None = None) -> None:
    """Write a SmartStream to start with, which may use `crates`, as in `Language.template`.

    `BuildError` if the file exists or cannot be written.
    """
    _create(path, language_of(path).template(path, crates or {}))


def write_types(path: Path) -> Path:
    """Write what editors need to know of a source, beside it; `BuildError` as for `write_template`."""
    language = language_of(path)
    if (types := language.types()) is None:
        raise BuildError(f"{language.name} needs no types: its own tools know them", "leave out --types")
    written = path.with_name(types[0])
    if not written.exists():
        _create(written, types[1])
    return written


def expression_file(text: str, *, condition: bool = False) -> Path:
    """The source that evaluates an expression, kept in the cache so that it is built once; `BuildError`.

    A `condition` builds only if it is true or false.
    """
    import hashlib

    made = ((one, one.expression(text, _EXPRESSION, condition=condition)) for one in LANGUAGES)
    language, source, expression = next((one, *texts) for one, texts in made if texts is not None)
    folder = _expressions() / hashlib.sha256((source + expression).encode()).hexdigest()[:16]
    path = folder / f"{_EXPRESSION}{language.suffixes[0]}"
    try:
        create_folder(folder)
        check_folder(folder, BuildError)
        replace_file(folder / _EXPRESSION, expression.encode())
        replace_file(path, source.encode())
    except OSError as error:
        problem = f"{folder} cannot be written: {error.strerror or error}"
        raise BuildError(problem, "FLUVIO_TUI_CACHE names another folder to build in") from error
    return path


def expression_in(path: Path) -> Path | None:
    """The file of the expression alone, if a source is one of those that `expression_file` makes."""
    return path.with_suffix("") if path.parent.parent == _expressions() else None


def without_our_files(text: str) -> str:
    """A text that may name the file of an expression, which the user knows nothing of."""
    folder = re.escape(str(_expressions()))
    text = re.sub(rf"{folder}/\w+/{_EXPRESSION}\.\w+", "around the expression", text)
    return re.sub(rf"{folder}/\w+/{_EXPRESSION}", "expression", text)


def _expressions() -> Path:
    return cache_folder() / "expressions"


def write_field_filter(path: Path, field: "FieldPath", literal: str) -> None:
    """Write a filter that compares a field with a JSON value; `BuildError` as for `write_template`."""
    _create(path, language_of(path).field_filter(field, literal))


def write_text_filter(path: Path, text: str) -> None:
    """Write a filter that passes values with a text; `BuildError` as for `write_template`."""
    _create(path, language_of(path).text_filter(text))


def _create(path: Path, text: str) -> None:
    try:
        with path.open("x") as written:
            written.write(text)
    except FileExistsError as error:
        raise BuildError(f"{path} exists already", "choose another name, or use the file as it is") from error
    except OSError as error:
        raise BuildError(f"{path} cannot be written: {error.strerror or error}") from error
