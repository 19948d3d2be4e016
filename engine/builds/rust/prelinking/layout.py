"""What of the memory and the table belongs to prelinked crates, and what to the file that uses them.

From the bottom: the stack of both, the data of the file, the data of the crates, the heap. In the table the
functions of the crates come first.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from engine.errors import EngineError

STACK_BYTES = 1 << 20
"""As rustc asks of the linker."""
FILE_DATA = STACK_BYTES
"""Where the data of the file begin."""
CRATES_DATA = 2 << 20
"""Where those of the crates begin, and those of the file have to end."""
FILE_ELEMENTS = 4096
"""Of the table, for the file."""
LEAST_MEMORY = 16 << 20
"""The limit of a SmartStream's memory from which on it does not matter what of all this is left unused."""
PROBE = "prelinked_crates"
"""A static of the crates, whose address shows whether the linker takes addresses as it should."""


class UnlinkableError(EngineError):
    """Crates, or a file, have to be linked in the ordinary way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CratesLayout:
    """What a file is linked for."""

    elements: int
    """Of the table, for the crates; those of the file come next."""
    functions: frozenset[str]
    addresses: Mapping[str, int]
    """Of statics."""

    @classmethod
    def read(cls, written: bytes) -> Self:
        """What `bytes` made; `ValueError` or `TypeError` for anything else."""
        elements, functions, addresses = json.loads(written)
        return cls(elements=elements, functions=frozenset(functions), addresses=addresses)

    def bytes(self) -> bytes:
        return json.dumps([self.elements, sorted(self.functions), dict(self.addresses)]).encode()
