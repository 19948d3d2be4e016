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
from engine.schemas.undecoded import UndecodedByTopic

_LARGEST_FILE = 1 << 20


class Decoders:
    """Of one broker."""

    def __init__(self, registry: RegistryAddress | None = None) -> None:
        """`registry` has the schemas that values name by id, if there is one."""
        self.schemas = None if registry is None else SchemaCache(Registry(registry).schema)
        self.undecoded = UndecodedByTopic()

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


def _schema_in(path: Path) -> str:
    try:
        with path.open(encoding="utf-8") as file:
            return file.read(_LARGEST_FILE)
    except OSError as error:
        raise SchemaError(f"cannot read the schema {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise SchemaError(f"the schema {path} is not UTF-8") from error
