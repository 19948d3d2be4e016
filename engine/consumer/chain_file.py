"""Chains written as Fluvio writes them: a transforms file (YAML or TOML), or one JSON object per step."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from engine.consumer.step import InlineFile, ModuleFile, Step, StepSource, StoredName
from engine.errors import InputError
from engine.runtime.config import LookBack
from engine.units import InvalidValueError, parse_duration

_SCALARS = {
    "bool": (r"true|True|TRUE|false|False|FALSE", "tTfF"),
    "null": (r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    "int": (r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", "-+0123456789"),
    "float": (
        r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|nan|NaN)",
        "-+.0123456789",
    ),
}
"""What is not text in YAML 1.2, by the tag's name: a pattern, and the characters that it may start with."""

TOML_SUFFIX = ".toml"


class ChainFileError(InputError, code="invalid-chain"):
    """The description of a chain cannot be used; the message names the step."""


def read_chain_file(path: Path) -> tuple[Step, ...]:
    """The steps of a transforms file; files that it names are relative to its folder. `ChainFileError`."""
    return steps_in(load_document(path), path)


def load_document(path: Path) -> object:
    """What a file holds, TOML by its suffix or else YAML; `ChainFileError`."""
    try:
        if path.suffix == TOML_SUFFIX:
            return tomllib.loads(path.read_bytes().decode())
        return yaml.load(path.read_bytes(), _Loader)
    except tomllib.TOMLDecodeError as error:
        raise ChainFileError(f"{path} is not TOML: {error}") from None
    except yaml.MarkedYAMLError as error:
        line = "" if error.problem_mark is None else f", line {error.problem_mark.line + 1}"
        raise ChainFileError(f"{path}{line} is not YAML: {error.problem or error.context}") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        language = "TOML" if path.suffix == TOML_SUFFIX else "YAML"
        raise ChainFileError(f"{path} is not {language}: {' '.join(str(error).split())}") from None


def steps_in(document: object, path: Path) -> tuple[Step, ...]:
    """The steps in the transforms of a document, read from a file; `ChainFileError`."""
    listed = document.get("transforms", _MISSING) if isinstance(document, dict) else _MISSING
    if listed is _MISSING:
        raise ChainFileError(f"{path} has no list of transforms", "begin it with 'transforms:'")
    if not isinstance(listed, list | None):
        raise ChainFileError(f"{path}: transforms is not a list", "begin each step with '- uses: NAME'")
    steps = (
        _step(found, f"{path}, step {number}", path.parent) for number, found in enumerate(listed or (), 1)
    )
    return tuple(replace(step, chain=path.absolute()) for step in steps)


def parse_chain_line(text: str) -> Step:
    """The step in one JSON object, as `--transforms-line` takes it; `ChainFileError`."""
    where = f"transforms line '{text if len(text) <= 60 else f'{text[:60]}…'}'"
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        raise ChainFileError(f"{where} is not JSON", """write e.g. {"uses": "sf1"}""") from None
    if isinstance(found, list) or (isinstance(found, dict) and "transforms" in found):
        raise ChainFileError(f"{where} has several steps", "repeat the option, one step each")
    return _step(found, where, Path())


_MISSING = object()


class _Loader(yaml.SafeLoader):
    """YAML 1.2, which Fluvio reads: dates, `yes` and `no` are text."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as PyYAML declares it


for _name, (_pattern, _starts) in _SCALARS.items():
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"(?:{_pattern})$"), _starts)


def _step(found: object, where: str, folder: Path) -> Step:
    if not isinstance(found, dict):
        raise ChainFileError(f"{where} is not a mapping", "begin each step with 'uses: NAME'")
    return Step(
        source=_source(found, where, folder),
        params=_params(found.get("with"), where),
        look_back=_look_back(found["lookback"], where) if found.get("lookback") is not None else None,
    )


def _source(found: dict[str, Any], where: str, folder: Path) -> StepSource:
    named = {key: found[key] for key in ("uses", "inline", "module") if key in found}
    if len(named) != 1:
        problem = f"has {' and '.join(named)}" if named else "has no 'uses'"
        raise ChainFileError(f"{where} {problem}", "name one SmartStream: uses: NAME, or inline: FILE")
    ((key, value),) = named.items()
    if not isinstance(value, str) or not value:
        raise ChainFileError(f"{where}: {key} is not text", f"write it as {key}: NAME")
    if key == "uses":
        # Fluvio's hub names are group/name@version; here a name is unique.
        return StoredName(name=value.rpartition("/")[2].partition("@")[0])
    path = folder / value
    return InlineFile(path=path) if key == "inline" else ModuleFile(path=path)


def _params(found: object, where: str) -> dict[str, str]:
    if not isinstance(found, dict | None):
        raise ChainFileError(f"{where}: with is not a mapping", "write parameters as 'name: value'")
    return {_name_of(name, where): _param(value, name, where) for name, value in (found or {}).items()}


def _name_of(name: object, where: str) -> str:
    if not isinstance(name, str):
        raise ChainFileError(f"{where}: the parameter name {name} is not text", "write it in quotes")
    return name


def _param(value: object, name: str, where: str) -> str:
    if isinstance(value, str):
        return value
    if isinstance(value, list | dict):
        return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str)
    kind = {bool: "a boolean", type(None): "null"}.get(type(value), "a number")
    raise ChainFileError(f"{where}: parameter {name} is {kind}, not text", "write it in quotes")


def _look_back(found: object, where: str) -> LookBack:
    if not isinstance(found, dict):
        raise ChainFileError(f"{where}: lookback is not a mapping", "write e.g. lookback: {last: 10}")
    last, age = found.get("last"), found.get("age")
    if last is not None and (type(last) is not int or last < 0):
        raise ChainFileError(
            f"{where}: lookback.last is not a count: {last}", "use a whole number, 0 or more"
        )
    if age is None:
        return LookBack(last=last or 0)
    try:
        milliseconds = round(parse_duration(age if isinstance(age, str) else str(age)) * 1000)
    except InvalidValueError as error:
        raise ChainFileError(f"{where}: lookback.age: {error.message}") from None
    return LookBack(last=last or None, age_ms=milliseconds)
