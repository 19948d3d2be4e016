import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.path import parse_path, path_text
from engine.units import InvalidValueError


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ((), ""),
        (("city",), "city"),
        (("customer", "city"), "customer.city"),
        (("items", 0, "price"), "items[0].price"),
        ((0, "a"), "[0].a"),
        (("a.b", "c"), '["a.b"].c'),
        (("", "x"), '[""].x'),
    ],
)
def test_paths_are_written_as_the_sdk_reads_them(path, text):
    assert path_text(path) == text
    assert parse_path(text) == path


@pytest.mark.parametrize("text", [".", "a.", "a..b", "[x]", "a[", "[0]b", 'a["b"'])
def test_an_invalid_path_names_the_form(text):
    with pytest.raises(InvalidValueError, match="use names and indexes"):
        parse_path(text)


@given(st.lists(st.text().filter(lambda name: '"]' not in name) | st.integers(0, 99)).map(tuple))
def test_every_path_is_read_as_it_was_written(path):
    assert parse_path(path_text(path)) == path
