# What a SmartStream of fluvio-tui sees: `from smartstream import Record`. Define exactly one kind (filter,
# map, filter_map, array_map or aggregate), and perhaps init or look_back beside it.

from typing import Any

class Record:
    """A record. It is valid during the call: keep what you read of it."""

    @property
    def value(self) -> str:
        """The value as text; empty for a tombstone. What is not UTF-8 is U+FFFD."""

    @property
    def key(self) -> str | None:
        """The key as text."""

    @property
    def bytes(self) -> bytes:
        """The bytes of the value."""

    @property
    def key_bytes(self) -> bytes | None:
        """The bytes of the key."""

    def json(self) -> Any:
        """The value, parsed once; ValueError if it is not JSON."""

    @property
    def offset(self) -> int: ...
    @property
    def timestamp(self) -> int:
        """Milliseconds since the epoch."""

    @property
    def partition(self) -> int: ...
    @property
    def is_tombstone(self) -> bool: ...
    @property
    def headers(self) -> dict[str, str | None]:
        """By name; of a name that occurs more than once, the last. One without a value is None."""
