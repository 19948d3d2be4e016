"""What is read from the text of a source."""

from pathlib import Path

import pytest

from engine.builds.languages import (
    fields_read,
    language_of,
)
from engine.builds.python.doc_comment import doc_comment
from engine.fields.path import path_text


@pytest.mark.parametrize(
    ("source", "paths"),
    [
        ("record.json()['amount'] > 10", ["amount"]),
        ('record.json()["customer"].get("city").lower() == "x"', ["customer.city"]),
        ("order = record.json()\nreturn order['id'] + order.get('n', 0)", ["id", "n"]),
        ("if (order := record.json()): return order['id']", ["id"]),
        ("# record.json()['no']\n'''record.json()['no']'''\nother['amount']; record.value", []),
    ],
)
def test_fields_of_a_source(source: str, paths: list[str]) -> None:
    assert [*map(path_text, fields_read(Path("sf1.py"), source))] == paths


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ('def filter(record):\n    """One."""\n', "One."),
        (
            "'''File.'''\na = 1\ndef map(record) -> str:  # x\n    '''Two\n\n    lines.\n    '''\n",
            "Two\n\nlines.",
        ),
        ('#!/usr/bin/env python\n\n"""File."""\n', "File."),
        ("def filter(record): return 1\n", ""),
        ("(" * 100_000, ""),
    ],
)
def test_doc_comment(source: str, said: str) -> None:
    assert doc_comment(source) == said


def test_suffix_names_the_language() -> None:
    assert language_of(Path("a.py")).name == "Python"
