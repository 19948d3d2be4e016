"""Formats whose values are decoded: what the screen, columns and search see."""

import json

import pytest

from engine.fields.formats.decoded import Decoded
from engine.live.topic_format import TopicFormat
from engine.live.window.export import save_records
from engine.live.window.matcher import TextMatcher
from engine.live.window.window import Window
from engine.records.batch import Batch, record_batch
from engine.records.record_json import record_of
from engine.schemas import cache as cache_module
from engine.schemas.cache import SchemaCache
from engine.schemas.decoder import JsonSchemaValues, RegistryValues
from engine.schemas.decoders import Decoders
from engine.schemas.errors import RegistryError
from engine.schemas.schema import Schema
from tests.engine.schemas.orders import ORDER, encoded, order, order_json
from tests.registry import framed
from tests.waiting import wait_until

VALUES = [framed(1, encoded(ORDER, order(n, city))) for n, city in enumerate(("Rome", "Köln", "Rome"))]


def schema(identity: int) -> Schema:
    return Schema(id=identity, kind="AVRO", text=json.dumps(ORDER), subject="orders-value", version=identity)


def made():
    cache = SchemaCache(schema)
    cache.load(1)
    return Decoded(RegistryValues("avro", cache))


def test_fields_are_those_of_the_json():
    fields = made().fields(VALUES[1])
    assert fields is not None
    assert fields[("customer", "city")] == "Köln"
    assert made().shown(VALUES[1]) == order_json(1, "Köln")
    assert made().about(VALUES[1]) == "orders-value version 1, Avro schema 1"


def test_what_a_smartstream_made_of_it_has_fields_too_and_is_no_problem():
    reasons: list[str] = []
    values = Decoded(RegistryValues("avro", SchemaCache(schema)), reasons.append)
    assert values.fields(b'{"a": 1}') == {("a",): 1}
    assert reasons == []
    assert values.shown(b"text") == b"text"
    assert reasons == ["it does not begin with the id of a schema"]


def test_many_values_are_read_at_once():
    records = record_batch([*VALUES, b"text", None])
    found = made().reader(VALUES)(records.column("value"))
    assert found.fits.tolist() == [True, True, True, False, False]
    assert found.columns[("customer", "city")].to_pylist() == ["Rome", "Köln", "Rome", None, None]


def test_searches_find_what_is_shown():
    batch = Batch.consecutive(0, 0, record_batch([*VALUES, b"no avro from Rome"]))
    assert TextMatcher('"Rome"', shown=made().shown_array).matching(batch).tolist() == [0, 2]
    assert TextMatcher("rome", shown=made().shown_array).matching(batch).tolist() == [0, 2, 3]


def test_saved_records_have_what_is_stored_and_what_it_is_decoded_to(tmp_path):
    records = record_batch([VALUES[1], b"text", None, b'{"a": 1}'], timestamps=7)
    batch = Batch.consecutive(0, 0, records)
    kept = [batch.record(index) for index in range(4)]
    assert save_records(tmp_path / "saved.jsonl", kept, made()) == 4
    found = [json.loads(line) for line in (tmp_path / "saved.jsonl").read_text().splitlines()]
    assert [one.get("decoded") for one in found] == [json.loads(order_json(1, "Köln")), None, None, None]
    assert [record_of(one) for one in found] == kept


@pytest.mark.parametrize("payload", [b"no JSON", b"[NaN]", b'"\\ud800"', b"[" * 100_000])
def test_what_is_no_json_is_saved_as_it_is_stored(tmp_path, payload):
    record = Batch.consecutive(0, 0, record_batch([framed(1, payload)])).record(0)
    save_records(tmp_path / "saved.jsonl", [record], Decoded(JsonSchemaValues()))
    assert "decoded" not in json.loads((tmp_path / "saved.jsonl").read_text())


def window(*values):
    found = Window()
    found.append(Batch.consecutive(0, 0, record_batch(values)))
    return found.snapshot()


def with_registry():
    decoders = Decoders()
    decoders.schemas = SchemaCache(schema)
    return decoders


def test_values_that_name_schemas_are_decoded_if_there_is_a_registry():
    shown = window(*VALUES, b"text")
    assert TopicFormat().of(shown).name != "avro"
    format = TopicFormat(decoders=with_registry())
    first = format.of(shown)
    assert first.name == "avro"
    assert format.of(shown) is first
    # It is another one once there is more to see.
    first.fields(VALUES[0])
    wait_until(lambda: format.of(shown) is not first)
    assert format.of(shown).fields(VALUES[0]) is not None


def test_each_topic_says_what_of_it_is_not_decoded():
    decoders = with_registry()
    orders, answers = (TopicFormat("avro", decoders=decoders) for _ in range(2))
    orders.of(window()).shown(b"text")
    assert orders.problem == "shown as they are stored: it does not begin with the id of a schema"
    assert (answers.problem, decoders.undecoded.of("orders").problem) == ("", "")


def test_a_registry_that_does_not_answer_is_told_only_where_values_need_it(monkeypatch):
    monkeypatch.setattr(cache_module, "RETRY_SECONDS", 0.0)
    answers = [False, True]

    def fetch(identity: int) -> Schema:
        if answers.pop(0):
            return schema(identity)
        raise RegistryError("no answer")

    decoders = Decoders()
    decoders.schemas = SchemaCache(fetch)
    orders, lines = TopicFormat("avro", decoders=decoders), TopicFormat("text", decoders=decoders)
    shown = window(*VALUES)
    assert orders.of(shown).shown(VALUES[0]) == VALUES[0]
    wait_until(lambda: orders.problem == "shown as they are stored: no answer")
    assert orders.of(shown).about(VALUES[0]) == "no answer"
    lines.of(shown)
    assert lines.problem == ""
    # It is asked again, and then nothing is left of that.
    wait_until(lambda: orders.problem == "")
    assert orders.of(shown).shown(VALUES[0]) == order_json(0, "Rome")


def test_other_values_are_not_decoded():
    assert TopicFormat(decoders=with_registry()).of(window(b'{"a": 1}')).name == "json"


def test_a_chosen_decoder():
    values = window(framed(1, b'{"a": 1}'))
    assert TopicFormat("json-schema").of(values).fields(framed(1, b'{"a": 1}')) == {("a",): 1}
