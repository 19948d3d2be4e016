import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.formats.json_values import JsonValues
from engine.fields.scalar import Written, number_of, scalar_text

FORMAT = JsonValues()


def fields(text):
    return dict(FORMAT.fields(text.encode()))


def test_leaves_are_found_in_their_order_by_their_paths():
    found = fields(
        '{"id": 7, "customer": {"city": "Paris", "vip": true}, "items": [{"price": 9.5}, null], "n": []}'
    )
    assert [*found.items()] == [
        (("id",), 7),
        (("customer", "city"), "Paris"),
        (("customer", "vip"), True),
        (("items", 0, "price"), 9.5),
        (("items", 1), None),
        (("n",), "[]"),
    ]


@pytest.mark.parametrize(
    "number", ["1.50", "1e400", "12345678901234567890123", "-0", "NaN", "-Infinity", "9" * 30]
)
def test_numbers_that_python_would_change_read_as_they_are_written(number):
    found = fields(f'{{"n": {number}}}')[("n",)]
    assert type(found) is Written
    assert scalar_text(found) == number


def test_written_numbers_are_numbers_if_they_are_finite():
    assert number_of(Written("1.50")) == 1.5
    assert number_of(Written("1e400")) is None
    assert number_of("1.50") is None
    assert number_of(True) is None


def test_of_a_name_that_occurs_twice_the_first_counts():
    assert [*fields('{"b": 0, "a": 1, "a": 2}').items()] == [(("b",), 0), (("a",), 1)]


@pytest.mark.parametrize(
    "value", [b"", b"7", b'"text"', b"{", b'{"a": }', b"\xff{}", b'{"a": "\xff"}', b"[" * 5_000]
)
def test_what_is_no_object_or_list_is_of_another_format(value):
    assert FORMAT.fields(value) is None


def test_large_values_are_left_alone_and_many_fields_cut_off():
    assert FORMAT.fields(json.dumps(["x" * (1 << 20)]).encode()) is None
    assert len(FORMAT.fields(json.dumps([*range(20_000)]).encode())) == 1_000


def test_nested_as_deep_as_the_parser_goes():
    depth = 400
    ((path, leaf),) = fields("[" * depth + "1" + "]" * depth).items()
    assert (len(path), leaf) == (depth, 1)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=40)
@given(st.lists(VALUES, min_size=1) | st.dictionaries(st.text(), VALUES, min_size=1))
def test_every_leaf_is_where_its_path_says(value):
    for path, leaf in FORMAT.fields(json.dumps(value).encode()).items():
        found = value
        for step in path:
            found = found[step]
        if isinstance(found, (dict, list)) or isinstance(leaf, Written):
            assert scalar_text(leaf) == json.dumps(found)
        else:
            assert leaf == found
