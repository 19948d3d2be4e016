import pytest

from engine.builds.rust.fields_read import fields_read
from engine.fields.path import path_text


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ('record.json("a.b[0]") == "x"', ["a.b[0]"]),
        ('let id = json(value, "EventId");', ["EventId"]),
        ('record.json("items[0]").get("price").as_f64()', ["items[0].price"]),
        ('v["customer"]["city"] == 1 || v.pointer("/a/0/b").is_some()', ["customer.city", "a[0].b"]),
        (r'text.contains("\"EventId\": \"E9\"")', ["EventId"]),
        ('// record.json("no")\n/* json(v, "no") */ record.json("yes")', ["yes"]),
        ('\'"\'; record.json("yes") // "', ["yes"]),
        ('record.json("a"); record.json("b"); record.json("a")', ["a", "b"]),
        ('record.json("")', []),
        ('record.json("a..b")', []),
        (
            "#[derive(Debug, Deserialize)]\npub struct Order {\n  id: u64,\n  pub city: String,\n}",
            ["id", "city"],
        ),
        ('#[serde(rename = "EventId")]', ["EventId"]),
        ("fn main() {}", []),
    ],
)
def test_fields_that_a_source_names(source, paths):
    assert [*map(path_text, fields_read(source))] == paths
