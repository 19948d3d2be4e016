"""The languages that SmartStreams can be written in. Importing this loads no toolchain."""

from pathlib import Path

from engine.builds.language import Language
from engine.builds.rust.language import Rust

LANGUAGES: tuple[Language, ...] = (Rust(),)
SUFFIXES = tuple(suffix for language in LANGUAGES for suffix in language.suffixes)


def language_of(path: Path) -> Language:
    """The language of a source file, by its suffix; the first one if no suffix fits."""
    return next((one for one in LANGUAGES if path.suffix in one.suffixes), LANGUAGES[0])
