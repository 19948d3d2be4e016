"""The seam of decoders: from stored bytes to JSON."""

from abc import ABC, abstractmethod
from pathlib import Path

from engine.schemas.cache import SchemaCache
from engine.schemas.errors import RegistryError, UndecodableError
from engine.schemas.schema import PayloadDecoder
from engine.schemas.wire import behind_message_indexes, payload, schema_id


class Decoder(ABC):
    """Any thread may use it."""

    name: str
    """As users write it."""

    @abstractmethod
    def decode(self, value: bytes, *, wait: bool) -> bytes:
        """A value as JSON in UTF-8.

        `UndecodableError` if it is something else. If its schema has to be fetched, `wait` for it; otherwise
        `PendingSchemaError`. `RegistryError` if that fails.
        """

    def about(self, value: bytes) -> str:  # noqa: ARG002
        """The schema of a value in words; empty if it has none, or none that is there."""
        return ""

    @property
    def changes(self) -> int:
        """Grows when values decode that did not before."""
        return 0

    @property
    def problem(self) -> str:
        """Why no schemas can be fetched, in a clause; or empty."""
        return ""


class RegistryValues(Decoder):
    """Values that begin with the id of a schema in a registry, each decoded by its own: Avro, or JSON."""

    def __init__(self, name: str, cache: SchemaCache) -> None:
        self.name = name
        self._cache = cache

    def decode(self, value: bytes, *, wait: bool) -> bytes:
        identity = schema_id(value)
        if identity is None:
            raise UndecodableError("it does not begin with the id of a schema")
        ready = self._cache.load(identity) if wait else self._cache.known(identity)
        return ready.decode(payload(value))

    def about(self, value: bytes) -> str:
        identity = schema_id(value)
        if identity is None:
            return ""
        try:
            return self._cache.known(identity).schema.words
        except (UndecodableError, RegistryError) as error:
            return error.message

    @property
    def changes(self) -> int:
        return self._cache.changes

    @property
    def problem(self) -> str:
        return self._cache.problem


class JsonSchemaValues(Decoder):
    """JSON after the id of a schema, without a registry."""

    name = "json-schema"

    def decode(self, value: bytes, *, wait: bool) -> bytes:  # noqa: ARG002
        if schema_id(value) is None:
            raise UndecodableError("it does not begin with the id of a schema")
        return payload(value)

    def about(self, value: bytes) -> str:
        identity = schema_id(value)
        return "" if identity is None else f"JSON schema {identity}"


class AvroFileValues(Decoder):
    """Avro without a frame, by one schema."""

    def __init__(self, name: str, path: Path, decode: PayloadDecoder) -> None:
        self.name = name
        self._path = path
        self._decode = decode

    def decode(self, value: bytes, *, wait: bool) -> bytes:  # noqa: ARG002
        return self._decode(value)

    def about(self, value: bytes) -> str:  # noqa: ARG002
        return f"Avro schema {self._path.name}"


class ProtobufValues(Decoder):
    """One message of Protobuf, with or without the frame of a registry: no message begins with a zero."""

    def __init__(self, name: str, message: str, decode: PayloadDecoder) -> None:
        self.name = name
        self._message = message
        self._decode = decode

    def decode(self, value: bytes, *, wait: bool) -> bytes:  # noqa: ARG002
        framed = schema_id(value) is not None
        return self._decode(behind_message_indexes(payload(value)) if framed else value)

    def about(self, value: bytes) -> str:
        identity = schema_id(value)
        schema = "" if identity is None else f", schema {identity}"
        return f"Protobuf message {self._message}{schema}"
