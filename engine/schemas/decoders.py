"""Makes decoders, and keeps what they share: the schemas that were fetched, and what could not be decoded."""

from pathlib import Path

from engine.schemas.avro import avro_decoder
from engine.schemas.cache import SchemaCache
from engine.schemas.decoder import AvroFileValues, Decoder, JsonSchemaValues, ProtobufValues, RegistryValues
from engine.schemas.errors import SchemaError
from engine.schemas.names import AVRO, JSON_SCHEMA, DecoderName
from engine.schemas.protobuf import protobuf_decoder
from engine.schemas.registry import Registry
from engine.schemas.registry_address import RegistryAddress

_LARGEST_FILE = 1 << 20


class Undecoded:
    """What could not be decoded. Any thread may add."""

    def __init__(self) -> None:
        self.count = 0
        self.reason = ""
        """Of the last one; a clause about it."""

    def forget(self) -> None:
        """Begin again, such as with another topic."""
        self.count, self.reason = 0, ""

    def add(self, reason: str) -> None:
        self.count += 1
        self.reason = reason


class Decoders:
    """Of one broker."""

    def __init__(self, registry: RegistryAddress | None = None) -> None:
        """`registry` has the schemas that values name by id, if there is one."""
        self.schemas = None if registry is None else SchemaCache(Registry(registry).schema)
        self.undecoded = Undecoded()

    def named(self, name: DecoderName) -> Decoder:
        """The decoder of a name.

        `SchemaError` if it needs a registry that is not there, a file cannot be used, or a library lacks.
        """
        if name.kind == JSON_SCHEMA:
            return JsonSchemaValues() if self.schemas is None else RegistryValues(name.text, self.schemas)
        if name.kind != AVRO:
            assert name.file is not None, "as it is parsed"
            return ProtobufValues(name.text, name.message, protobuf_decoder(name.file, name.message))
        if name.file is not None:
            return AvroFileValues(name.text, name.file, avro_decoder(_schema_in(name.file)))
        if self.schemas is None:
            raise SchemaError(
                "avro needs a schema registry",
                "add --schema-registry URL, set registry in [brokers.NAME] of the config file, "
                "or use avro:FILE.avsc",
            )
        return RegistryValues(name.text, self.schemas)

    @property
    def problem(self) -> str:
        """Why values are not decoded that should be, in a clause; or empty."""
        unreachable = "" if self.schemas is None else self.schemas.problem
        return unreachable or self.undecoded.reason


def _schema_in(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST_FILE)
    except OSError as error:
        raise SchemaError(f"cannot read the schema {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SchemaError(f"the schema {path} is not UTF-8") from error
