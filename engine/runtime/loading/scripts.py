"""SmartStreams whose module holds a source instead of code: an interpreter of this program runs it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from engine.errors import ContractError
from engine.records.faults import Location
from engine.runtime import abi
from engine.runtime.kinds.kind import Kind
from engine.runtime.kinds.table import KINDS
from engine.runtime.loading.wasm_sections import (
    EMPTY_MODULE,
    custom_section,
    exported_names,
    with_custom_section,
)

SECTION = "fluvio-tui.script"
"""The custom section with the language, the functions, the name of the file and its text."""
_ZERO = "\0"
_PARTS = 4


class ScriptError(ContractError, code="script"):
    """A source that its interpreter refuses."""

    def __init__(self, name: str, text: str, location: Location | None = None) -> None:
        place = f" ({location})" if location else ""
        super().__init__(f"{name} cannot be loaded: {text}{place}")
        self.text = text
        self.location = location


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """A source and what it exports."""

    language: str
    """That of its interpreter."""
    functions: tuple[str, ...]
    """As in `filter` or `look_back`; empty if they are not known yet."""
    name: str
    """Of its file, as places of errors have it."""
    text: str

    @classmethod
    def of_module(cls, wasm: bytes) -> Self | None:
        """None if the module holds no source."""
        content = custom_section(wasm, SECTION)
        if content is None:
            return None
        parts = content.decode(errors="replace").split(_ZERO, _PARTS - 1)
        if len(parts) < _PARTS:
            return None
        language, functions, name, text = parts
        return cls(language=language, functions=tuple(functions.split()), name=name, text=text)

    @property
    def module(self) -> bytes:
        """A module without any code, which holds the source."""
        content = _ZERO.join((self.language, " ".join(self.functions), self.name, self.text))
        return with_custom_section(EMPTY_MODULE, SECTION, content.encode())

    @property
    def source(self) -> bytes:
        """As the interpreter gets it."""
        return f"{self.name}{_ZERO}{self.text}".encode()

    @property
    def kind(self) -> Kind | None:
        """None if it has none, or several."""
        kinds = [KINDS[name] for name in self.exports if name in KINDS]
        return kinds[0] if len(kinds) == 1 else None

    @property
    def exports(self) -> list[str]:
        """The names that a module with code would have for its functions."""
        return [f"{abi.PREFIX}{name}" for name in self.functions]


def smartstream_exports(wasm: bytes) -> list[str]:
    """The exports of a module, or those that stand for the functions of its source."""
    script = Script.of_module(wasm)
    return exported_names(wasm) if script is None else script.exports


def refusal(name: str, errors: Mapping[int, str], places: Mapping[int, Location]) -> ScriptError:
    """The error for what an interpreter says about a source."""
    return ScriptError(name, errors.get(0, "its interpreter does not say why"), places.get(0))
