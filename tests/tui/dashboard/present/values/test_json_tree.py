"""Where a line of a JSON tree is in its value, and what is written there."""

import json

import pytest

from engine.fields.path import Path
from tui.dashboard.present.values.field import Field
from tui.dashboard.present.values.json_tree import json_tree

VALUE = b'{"a":1.50, "b":[true, {"c.d":"x\\"y"}, []], "":null}'


def fields(value: bytes) -> list[tuple[Path, str]]:
    tree = json_tree(value)
    assert tree is not None
    return [(tree.path(line), tree.literal(line)) for line in range(len(tree))]


def test_every_line_has_path_and_literal() -> None:
    element, inner = '{"c.d":"x\\"y"}', '[true, {"c.d":"x\\"y"}, []]'
    assert fields(VALUE) == [
        ((), VALUE.decode()),
        (("a",), "1.50"),
        (("b",), inner),
        (("b", 0), "true"),
        (("b", 1), element),
        (("b", 1, "c.d"), '"x\\"y"'),
        (("b", 1), element),
        (("b", 2), "[]"),
        (("b",), inner),
        (("",), "null"),
        ((), VALUE.decode()),
    ]


@pytest.mark.parametrize("value", [VALUE, b"[[1,[2]],{}]", b'[{"a":[{"b":[0]}]},"x:y,"]', b'{"a" : { } }'])
def test_literal_is_what_json_finds_at_the_path(value: bytes) -> None:
    for path, literal in fields(value):
        found = json.loads(value)
        for step in path:
            found = found[step]
        assert json.loads(literal) == found


def test_text_of_a_string_has_no_quotes_and_no_escapes() -> None:
    assert Field(("a",), '"x\\n\\u00e9"').text == "x\né"
    assert Field(("a",), "1.50").text == "1.50"
    assert Field(("a", 0, "b.c"), "1").name == 'a[0]["b.c"]'
