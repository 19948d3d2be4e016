"""What the program reads in sources in Python, and the ones that it writes."""

from pathlib import Path

import pytest

from engine.builds.languages import (
    fields_read,
    language_of,
    write_field_filter,
    write_template,
    write_text_filter,
    write_types,
)
from engine.builds.python.doc_comment import doc_comment
from engine.builds.rust.paths import examples_folder
from engine.errors import BuildError
from engine.fields.path import path_text
from engine.records.verdicts import Verdict
from tests.engine.builds.python.conftest import Build
from tests.engine.conftest import evaluate_values

DROP, PASS = Verdict.DROP, Verdict.PASS
VALUE = b'{"a": {"b c": [null, 7]}, "text": "it\'s \\"q\\"", "on": true, "no": null}'


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


def test_each_example_says_what_it_does() -> None:
    for path in (examples_folder() / "python").iterdir():
        assert doc_comment(path.read_text()).endswith("."), path


def test_template_is_a_filter(build_file: Build, tmp_path: Path) -> None:
    path = tmp_path / "new.py"
    write_template(path)
    build = build_file(path.read_text())
    assert build.wasm is not None
    values = [b'{"status":"error"}', b'{"status":"ok"}', b"an error", b"nothing"]
    assert list(evaluate_values(build.wasm, values).verdicts) == [PASS, DROP, PASS, DROP]
    assert str(path) in path.read_text()
    assert doc_comment(path.read_text()).startswith("Passes errors")
    assert write_types(path) == tmp_path / "smartstream.pyi"


def test_template_takes_no_crates(tmp_path: Path) -> None:
    with pytest.raises(BuildError, match="Python cannot use crates"):
        write_template(tmp_path / "new.py", {"regex": "1"})


@pytest.mark.parametrize(
    ("field", "literal"),
    [
        (("a", "b c", 1), "7"),
        (("text",), '"it\'s \\"q\\""'),
        (("on",), "true"),
        (("no",), "null"),
        (("a",), "{}"),
    ],
)
def test_filter_by_a_field(
    build_file: Build, tmp_path: Path, field: tuple[str | int, ...], literal: str
) -> None:
    path = tmp_path / "field.py"
    write_field_filter(path, field, literal)
    build = build_file(path.read_text())
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, [VALUE, b"{}"]).verdicts) == [PASS, DROP]


def test_filter_by_a_text(build_file: Build, tmp_path: Path) -> None:
    path = tmp_path / "text.py"
    write_text_filter(path, 'é "q"\n')
    build = build_file(path.read_text())
    assert build.wasm is not None
    assert list(evaluate_values(build.wasm, ['an é "q"\n.'.encode(), b"none"]).verdicts) == [PASS, DROP]


def test_suffix_names_the_language() -> None:
    assert language_of(Path("a.py")).name == "Python"
