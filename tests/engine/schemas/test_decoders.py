import json
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.schemas import cache as cache_module
from engine.schemas.cache import SchemaCache
from engine.schemas.decoders import Decoders
from engine.schemas.errors import PendingSchemaError, RegistryError, SchemaError, UndecodableError
from engine.schemas.names import parse_decode, parse_decoder
from engine.schemas.registry_address import RegistryAddress
from engine.schemas.schema import Schema
from engine.units import InvalidValueError
from tests.engine.schemas.orders import ORDER, encoded, order, order_json
from tests.registry import framed, registry_server
from tests.waiting import wait_until


@pytest.fixture
def server():
    with registry_server() as server:
        yield server


def decoders(server):
    return Decoders(RegistryAddress(url=server.url))


def named(text, of=None):
    return (of or Decoders()).named(parse_decoder(text))


def test_values_are_decoded_by_the_schemas_that_they_name(server):
    avro = named("avro", decoders(server))
    value = framed(server.add(ORDER), encoded(ORDER, order()))
    assert avro.decode(value, wait=True) == order_json()
    assert avro.decode(framed(server.add("{}", "JSON"), b'{"a": 1}'), wait=True) == b'{"a": 1}'
    requests = len(server.requests)
    assert avro.decode(value, wait=False) == order_json()
    assert avro.about(value) == "orders-value version 1, Avro schema 1"
    assert len(server.requests) == requests


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (b"", "does not begin with the id of a schema"),
        (b"\x00\x00", "does not begin with the id of a schema"),
        (b"text", "does not begin with the id of a schema"),
        (framed(99, b""), "schema 99 is not in the registry"),
        (framed(1, b"\0"), "not what its Avro schema says"),
        (framed(2, b"\0"), "schema 2 is a Protobuf schema: use protobuf:"),
        (framed(3, b"\0"), "its Avro schema cannot be read"),
    ],
)
def test_what_cannot_be_decoded(server, value, reason):
    server.add(ORDER)
    server.add("syntax = 'proto3';", "PROTOBUF")
    server.add("{broken")
    with pytest.raises(UndecodableError, match=reason):
        named("avro", decoders(server)).decode(value, wait=True)


def test_drawing_does_not_wait_for_a_schema(server):
    server.gate.clear()
    of = decoders(server)
    avro, value = named("avro", of), framed(server.add(ORDER), encoded(ORDER, order()))
    woken = threading.Event()
    assert of.schemas is not None
    of.schemas.on_change = woken.set
    for _ in range(3):
        with pytest.raises(PendingSchemaError):
            avro.decode(value, wait=False)
    assert avro.about(value) == "schema 1 is being fetched"
    before = avro.changes
    server.gate.set()
    wait_until(woken.is_set)
    assert avro.changes > before
    assert avro.decode(value, wait=False) == order_json()
    assert server.requests.count("/schemas/ids/1") == 1


def test_a_registry_that_does_not_answer_is_asked_again(monkeypatch):
    monkeypatch.setattr(cache_module, "RETRY_SECONDS", 0.0)
    answers = [
        RegistryError("no answer"),
        RegistryError("no answer"),
        Schema(id=5, kind="AVRO", text='"int"'),
    ]

    def fetch(_):
        found = answers.pop(0)
        if isinstance(found, RegistryError):
            raise found
        return found

    cache = SchemaCache(fetch)
    with pytest.raises(RegistryError, match="no answer"):
        cache.load(5)
    assert cache.problem == "no answer"
    # As screens do, once after each change.
    for changes in (2, 3):
        with pytest.raises(RegistryError, match="no answer"):
            cache.known(5)
        wait_until(lambda: cache.changes == changes)  # noqa: B023
    assert cache.known(5).decode(b"\x02") == b"1"
    assert cache.problem == ""


def test_a_registry_that_never_answers_is_an_error_in_time(server, monkeypatch):
    monkeypatch.setattr(cache_module, "LOAD_SECONDS", 0.1)
    server.gate.clear()
    with pytest.raises(RegistryError, match="was not fetched within"):
        named("avro", decoders(server)).decode(framed(server.add(ORDER), b""), wait=True)


def test_no_more_than_some_schemas_wait(server):
    server.gate.clear()
    avro = named("avro", decoders(server))
    for identity in range(1_000):
        with pytest.raises(PendingSchemaError):
            avro.decode(framed(identity, b""), wait=False)
    server.gate.set()
    wait_until(lambda: avro.changes == cache_module.MOST_WANTED)


def test_avro_by_a_file(tmp_path):
    path = tmp_path / "order.avsc"
    path.write_text(json.dumps(ORDER))
    avro = named(f"avro:{path}")
    assert avro.decode(encoded(ORDER, order()), wait=False) == order_json()
    assert avro.about(b"") == "Avro schema order.avsc"
    path.write_text("{}")
    with pytest.raises(SchemaError, match="its Avro schema cannot be read"):
        named(f"avro:{path}")
    with pytest.raises(SchemaError, match=r"cannot read the schema .*No such file"):
        named(f"avro:{tmp_path / 'no.avsc'}")


def test_json_behind_an_id_needs_no_registry():
    values = named("json-schema")
    assert values.decode(framed(7, b'{"a": 1}'), wait=False) == b'{"a": 1}'
    assert values.about(framed(7, b"")) == "JSON schema 7"
    with pytest.raises(UndecodableError):
        values.decode(b'{"a": 1}', wait=False)


def test_avro_without_a_registry_says_what_to_do():
    with pytest.raises(SchemaError, match="avro needs a schema registry") as error:
        named("avro")
    assert "--schema-registry URL" in error.value.remedy


def test_names():
    assert parse_decode("key=avro")[0] == "key"
    column, found = parse_decode("value=protobuf:a:b.desc:shop.Order")
    assert (column, found.file, found.message) == ("value", Path("a:b.desc"), "shop.Order")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("avro", "use key= or value="),
        ("header=avro", "use key= or value="),
        ("value=avor", "did you mean 'avro'"),
        ("value=", "unknown decoder ''"),
        ("value=json-schema:file", "unknown decoder"),
        ("value=protobuf:x.desc", "use protobuf:FILE.desc:MESSAGE"),
    ],
)
def test_what_is_no_name(text, words):
    with pytest.raises(InvalidValueError, match=words):
        parse_decode(text)


@given(value=st.binary(max_size=100))
def test_no_bytes_raise_anything_else(value):
    cache = SchemaCache(lambda identity: Schema(id=identity, kind="AVRO", text=json.dumps(ORDER)))
    of = Decoders()
    of.schemas = cache
    for name in ("avro", "json-schema"):
        try:
            named(name, of).decode(value, wait=True)
        except UndecodableError as error:
            assert error.message
