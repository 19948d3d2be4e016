"""What can go wrong between stored bytes and their JSON."""

from engine import extras
from engine.errors import BrokerUnreachableError, EngineError


class SchemaError(EngineError, code="schema"):
    """A schema cannot be used, or what reads it is not installed."""


class UndecodableError(EngineError, code="undecodable"):
    """Some bytes are not what their schema says."""


class PendingSchemaError(UndecodableError, code="pending-schema"):
    """The schema is still being fetched."""


class RegistryError(BrokerUnreachableError, code="schema-registry"):
    """A schema registry does not answer, or refuses to."""


def missing(library: str) -> SchemaError:
    """Says how to install a library."""
    return SchemaError(f"{library} is not installed", extras.remedy("schemas"))
