"""A schema of a registry."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeAlias

PayloadDecoder: TypeAlias = Callable[[bytes], bytes]
"""From a payload to JSON; `UndecodableError`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schema:
    """As a registry has it."""

    id: int
    kind: str
    """`AVRO`, `JSON` or `PROTOBUF`."""
    text: str = field(repr=False)
    references: tuple[str, ...] = field(default=(), repr=False)
    """The texts of schemas that it needs, each after those that it needs itself."""
    subject: str = ""
    """Under which it is registered; empty if the registry does not say."""
    version: int = 0

    @property
    def words(self) -> str:
        """The schema in a few words."""
        named = f"{self.subject} version {self.version}, " if self.subject else ""
        return f"{named}{self.kind_words} schema {self.id}"

    @property
    def kind_words(self) -> str:
        return _KINDS.get(self.kind, self.kind)


_KINDS = {"AVRO": "Avro", "JSON": "JSON", "PROTOBUF": "Protobuf"}
