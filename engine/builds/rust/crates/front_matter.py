"""The front matter of a file: the crates that it uses, as in a script of cargo's."""

import json
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.builds.diagnostic import Diagnostic
from engine.errors import BuildError
from engine.records.faults import Location

EDITIONS = ("2018", "2021", "2024")
_DEFAULT_EDITION = "2021"
_OPENING = re.compile(
    r"\ufeff?(?:#!(?!\s*\[)[^\n]*\n)?(?:[ \t]*\r?\n)*(-{3,})[ \t]*([^\r\n]*?)[ \t]*\r?$", re.MULTILINE
)
_TOML_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")
_CRATE = re.compile(r"[A-Za-z][\w-]*")
_KEYS: Mapping[str, type] = {
    "version": str,
    "features": list,
    "default-features": bool,
    "package": str,
    "registry": str,
}
_BLANKED = re.compile(r"[^\n\r\ufeff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrontMatter:
    """What a file's front matter says."""

    end: int = 0
    """Where it ends in the text; 0 if there is none."""
    edition: str = _DEFAULT_EDITION
    dependencies: str = ""
    """The crates as the lines of a manifest, in one form for all spellings; empty if there are none."""
    lines: Mapping[str, int]
    """By the name of a crate in the file: the line that names it, from 1."""


class FrontMatterError(Exception):
    """A front matter that cannot be used."""

    def __init__(self, message: str, line: int, column: int = 1, *, said: str = "") -> None:
        """The place counts from 1, in the file; `said` is all that a program said about it."""
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.said = said

    def diagnostic(self, path: Path) -> Diagnostic:
        """As a message about the file at this path."""
        location = Location(str(path), self.line, self.column)
        rendered = "\n".join(filter(None, [f"error: {self.message}", f" --> {location}", self.said.rstrip()]))
        return Diagnostic("error", self.message, None, location, f"{rendered}\n")


def read_front_matter(text: str) -> FrontMatter:
    """The front matter at the start of a file, after its shebang if there is one; `FrontMatterError`."""
    opening = _OPENING.match(text)
    if opening is None:
        return FrontMatter(lines={})
    fence, info = opening.groups()
    first = text.count("\n", 0, opening.start(1)) + 1
    if info not in ("", "cargo"):
        raise FrontMatterError(f"the front matter is a manifest of cargo's, not '{info}': write `---`", first)
    closing = re.compile(rf"^{fence}[ \t]*\r?$", re.MULTILINE).search(text, opening.end())
    if closing is None:
        raise FrontMatterError(f"the front matter has no end: write `{fence}` below it", first)
    return _Reader(text[opening.end() : closing.start()], first).read(closing.end())


def write_front_matter(crates: Mapping[str, str]) -> str:
    """A front matter with the versions of these crates; empty for none. `BuildError` if a name is invalid."""
    for name in crates:
        if not _CRATE.fullmatch(name):
            raise BuildError(
                f"invalid name of a crate '{name}'", "name it as crates.io does, e.g. serde_json"
            )
    lines = [f"{name} = {json.dumps(version)}" for name, version in crates.items()]
    return "\n".join(["---", "[dependencies]", *lines, "---", ""]) if lines else ""


def blanked(text: str, end: int) -> str:
    """The text with blanks in the place of what is before `end`, which keep every line and column."""
    return _BLANKED.sub(" ", text[:end]) + text[end:]


class _Reader:
    def __init__(self, manifest: str, first: int) -> None:
        """`first` is the line that the manifest begins on, where its text is what follows the fence."""
        self._lines = manifest.splitlines()
        self._text = manifest
        self._first = first

    def read(self, end: int) -> FrontMatter:
        content = self._parse()
        for table in content:
            if table not in ("package", "dependencies"):
                raise self._error(table, f"`{table}` is not supported here: use [dependencies] and [package]")
        edition = self._edition(self._table(content, "package"))
        crates = self._table(content, "dependencies")
        written = [f"{name} = {self._dependency(name, crates[name])}\n" for name in sorted(crates)]
        lines = {name: self._line_of(name) for name in crates}
        return FrontMatter(end=end, edition=edition, dependencies="".join(written), lines=lines)

    def _parse(self) -> dict[str, Any]:
        try:
            return tomllib.loads(self._text.replace("\r\n", "\n"))
        except tomllib.TOMLDecodeError as error:
            place = _TOML_PLACE.search(str(error))
            line, column = (int(place[1]), int(place[2])) if place and place[1] else (len(self._lines), 1)
            message = f"invalid front matter: {_TOML_PLACE.sub('', str(error))}"
            raise FrontMatterError(message, self._first + line - 1, column) from None
        except RecursionError:
            raise FrontMatterError("invalid front matter: it is nested too deeply", self._first) from None

    def _table(self, content: Mapping[str, Any], name: str) -> Mapping[str, Any]:
        table = content.get(name, {})
        if not isinstance(table, dict):
            raise self._error(name, f"`{name}` is a table: write [{name}]")
        return table

    def _edition(self, package: Mapping[str, Any]) -> str:
        for key in package:
            if key != "edition":
                raise self._error(key, f"`{key}` is not supported in [package]: only `edition` is")
        edition = package.get("edition", _DEFAULT_EDITION)
        if edition not in EDITIONS:
            named = ", ".join(f'"{known}"' for known in EDITIONS)
            raise self._error("edition", f"unknown edition {json.dumps(edition, default=str)}: use {named}")
        return str(edition)

    def _dependency(self, name: str, wanted: Any) -> str:
        """What a crate is taken from, as an inline table."""
        if not _CRATE.fullmatch(name):
            raise self._error(name, f"invalid name of a crate '{name}'")
        if isinstance(wanted, str):
            wanted = {"version": wanted}
        if not isinstance(wanted, dict):
            raise self._error(name, f'the version of `{name}` is text: write {name} = "1"')
        for key, value in wanted.items():
            if key not in _KEYS:
                known = ", ".join(_KEYS)
                problem = f"`{key}` of `{name}` is not supported: crates come from a registry, with {known}"
                raise self._error(name, problem)
            texts = value if isinstance(value, list) else []
            if not isinstance(value, _KEYS[key]) or not all(isinstance(each, str) for each in texts):
                raise self._error(name, f"invalid `{key}` of `{name}`")
        if "version" not in wanted:
            raise self._error(name, f'`{name}` has no version: write {name} = "1"')
        return f"{{ {', '.join(f'{key} = {_written(wanted[key])}' for key in sorted(wanted))} }}"

    def _error(self, name: str, message: str) -> FrontMatterError:
        return FrontMatterError(message, self._line_of(name))

    def _line_of(self, name: str) -> int:
        """The line that a key or a table is on, as far as the text alone shows it."""
        key = re.compile(
            rf"""\s*\[*\s*(?:(?:dependencies|package)\s*\.\s*)?["']?{re.escape(name)}["']?\s*[.=\]]"""
        )
        found = (at for at, line in enumerate(self._lines) if key.match(line))
        return self._first + next(found, 0)


def _written(value: str | bool | list[str]) -> str:
    if isinstance(value, list):
        # Their order has no meaning.
        value = sorted(set(value))
    return json.dumps(value, ensure_ascii=False)
