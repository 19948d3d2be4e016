"""Filters that begin with a field: they pass the record that they were begun with, and not others."""

import json

import pytest

from engine.builds.rust.field_filter import field_filter, rust_string, text_filter
from engine.errors import BuildError
from engine.fields.path import Path
from tests.engine.builds.rust.kinds import run
from tests.engine.conftest import BuildFilter

LITERALS = ['"E\\"10\\n\\u00e9\\\\"', "42", "-7", "19.90", "1e400", "123456789012345678901", "true", "null"]


def value_at(path: Path, literal: str) -> bytes:
    text = literal
    for step in reversed(path):
        text = f"[{'0,' * step}{text}]" if isinstance(step, int) else f"{{{json.dumps(step)}:{text}}}"
    return text.encode()


@pytest.mark.cargo
def test_filter_passes_its_record_and_drops_another(build_filter: BuildFilter) -> None:
    path: Path = ("items", 1, 'a "key". [é]')
    for literal in LITERALS:
        values = [value_at(path, literal), value_at(path, '"something else"'), b"{}", b"no JSON"]
        assert [entry[0] for entry in run(build_filter, field_filter(path, literal), values)] == [0], literal


@pytest.mark.cargo
def test_filter_of_an_object_passes_where_there_is_one(build_filter: BuildFilter) -> None:
    values = [b'{"a":{"b":1}}', b'{"b":1}']
    assert [entry[0] for entry in run(build_filter, field_filter(("a",), '{"b":1}'), values)] == [0]


@pytest.mark.cargo
def test_text_filter_passes_what_has_the_text(build_filter: BuildFilter) -> None:
    source = text_filter('msg="a\\b"')
    values = [b'x msg="a\\b" y', b"msg=ab", b"\xff"]
    passed, fault = run(build_filter, source, values)
    assert passed[0] == 0
    assert "not UTF-8" in fault


@pytest.mark.parametrize("path", [(), ('a"]b.c',)])
def test_field_that_no_path_reaches_is_refused(path: Path) -> None:
    with pytest.raises(BuildError):
        field_filter(path, "1")


def test_rust_strings_escape_what_a_source_must_not_have() -> None:
    assert rust_string('a"\\\n\x1bé') == '"a\\u{22}\\u{5c}\\u{a}\\u{1b}é"'
