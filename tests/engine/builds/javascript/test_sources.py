"""What is read from the text of a source."""

from pathlib import Path

import pytest

from engine.builds.javascript.doc_comment import doc_comment
from engine.builds.languages import (
    fields_read,
    language_of,
)
from engine.fields.path import path_text


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("record.json().amount > 10", ["amount"]),
        ("record.json().customer?.city.toLowerCase() === 'x'", ["customer.city"]),
        ("const order = record.json()\nreturn order.id + order.items.length", ["id", "items"]),
        ("const { id, city: town = 'x' } = record.json()", ["id", "city"]),
        ("// record.json().no\n'json().b'; other.amount; record.value", []),
    ],
)
def test_fields_of_a_source(source: str, paths: list[str]) -> None:
    assert [*map(path_text, fields_read(Path("sf1.js"), source))] == paths


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("/** One. */\nexport function filter() {}", "One."),
        ("/** File. */\nlet a\n/**\n * Two\n *\n * lines.\n */\nexport const map = 1", "Two\n\nlines."),
        ("/** File. */\nlet a", "File."),
        ("/* none */\nexport function filter() {}", ""),
    ],
)
def test_doc_comment(source: str, said: str) -> None:
    assert doc_comment(source) == said


def test_suffixes_name_the_language() -> None:
    names = {name: language_of(Path(name)).name for name in ("a.rs", "a.js", "a.mjs", "a")}
    assert names == {"a.rs": "Rust", "a.js": "JavaScript", "a.mjs": "JavaScript", "a": "Rust"}
