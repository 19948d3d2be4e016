"""The crate that a filter's file is built as."""

import hashlib
import os
import re
from collections.abc import Iterable
from pathlib import Path

from engine.builds.rust.source import inner_attributes_end
from engine.errors import BuildError
from engine.files import create_folder, replace_file

_ROOT = """\
{inner_attributes}#[macro_use]
#[allow(unused_imports)]
extern crate fluvio_tui_guest as _;
extern crate fluvio_tui_guest as fluvio_smartmodule;
extern crate fluvio_tui_guest as fluvio_smartstream;
#[allow(unused_imports)]
use ::fluvio_tui_guest::prelude::*;
{allocator}include!("{path}");
"""
_ESCAPES = str.maketrans({"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r"})
_ALLOCATOR = """\
#[global_allocator]
static ALLOCATOR: ::fluvio_tui_guest::glue::Allocator = ::fluvio_tui_guest::glue::Allocator;
"""


def crate_name(source: Path) -> str:
    """The name of a file's crate, which belongs to its path."""
    return f"filter_{hashlib.sha256(os.fsencode(source)).hexdigest()[:16]}"


class Crate:
    """The crate of one filter's file, in a folder of its own."""

    def __init__(self, source: Path, folder: Path, foreign: Iterable[Path]) -> None:
        """`folder` is empty; files in the folders `foreign` are not yours."""
        self.source = source
        self.name = crate_name(source)
        self.wasm = folder / f"{self.name}.wasm"
        self._folder = folder
        self._foreign = (folder, *foreign)
        self._view = folder / "view"
        self._root = folder / "lib.rs"
        self._dep_info = folder / f"{self.name}.d"
        self._copied = False
        """Whether the crate includes a copy of the file instead of the file."""

    def write(self, text: str, front: int = 0) -> list[str | Path]:
        """Write the crate for a file with this text; returns arguments for rustc.

        The file's own text differs before `front`.
        """
        end = max(inner_attributes_end(text), front)
        self._copied = end > 0
        included, attributes = self.source, ""
        if self._copied:
            included, attributes = self._write_view(text, end), f"{text[:end]}\n"
        # Only one is possible: a filter's own replaces ours.
        allocator = "" if "global_allocator" in text else _ALLOCATOR
        root = _ROOT.format(inner_attributes=attributes, allocator=allocator, path=_escape(included))
        _write(self._root, root)
        # The compiler names your file instead of the copy; rustc takes no path with `=`.
        remapped = self._copied and "=" not in str(self.source)
        return [
            *(self._root, f"--crate-name={self.name}", "-C", f"metadata={self.name}"),
            *("--emit=link,dep-info", f"--out-dir={self._folder}"),
            *([f"--remap-path-prefix={self._view}={self.source.parent}"] if remapped else []),
        ]

    def dependencies(self) -> set[Path]:
        """Your files that the last build read, according to the compiler."""
        try:
            text = self._dep_info.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError):
            return set()
        lines = (line[:-1] for line in text.splitlines() if line.endswith(":") and not line.startswith("#"))
        return set(filter(None, (self.original(Path(line.replace("\\ ", " "))) for line in lines)))

    def original(self, path: Path) -> Path | None:
        """Your file that the compiler knows as `path`; None if it is not yours."""
        path = self._folder / path
        if path.is_relative_to(self._view):
            return self.source.parent / path.relative_to(self._view)
        if path == self._root and self._copied:
            # It starts with the attributes of the file.
            return self.source
        return None if any(path.is_relative_to(folder) for folder in self._foreign) else path

    def _write_view(self, text: str, end: int) -> Path:
        """A copy of the file without its inner attributes, beside links to its neighbours."""
        create_folder(self._view)
        for path in self.source.parent.iterdir():
            if path.name != self.source.name:
                (self._view / path.name).symlink_to(path)
        # Blanks in their place keep every line and column.
        copy = self._view / self.source.name
        _write(copy, re.sub(r"[^\n\r\ufeff]", " ", text[:end]) + text[end:])
        return copy


def _write(path: Path, text: str) -> None:
    replace_file(path, text.encode(), durable=False, private=True)


def _escape(path: Path) -> str:
    try:
        str(path).encode()
    except UnicodeEncodeError:
        problem = f"the name of {os.fsencode(path)!r} is not UTF-8, which rustc needs"
        raise BuildError(problem, "rename the file") from None
    return str(path).translate(_ESCAPES)
