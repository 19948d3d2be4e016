import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.table import FORMATS, detect, named_format
from engine.units import InvalidValueError


def rows(count=50):
    return [json.dumps({"n": n}).encode() for n in range(count)]


def test_a_few_bad_values_do_not_matter():
    values = [None, b"", b"\xff\xfe", b"{broken", *rows()]
    assert detect(values).name == "json"


def test_values_too_large_for_the_sample_do_not_matter():
    assert detect([b"x" * (1 << 20)] * 10 + rows(3)).name == "json"


def test_large_values_are_looked_at_until_they_are_enough():
    large = b'{"a": "%s"}' % (b"x" * 60_000)
    assert detect([large] * 5 + [b"text"] * 100).name == "json"
    assert detect([b"text"] * 100 + [large] * 4).name == "text"


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ([], "text"),
        ([None, b""], "text"),
        ([b"apple", b"pear", b"\xe2\x82\xac 5"], "text"),
        ([b"\x1b[31mred\x1b[0m", b"a\tb"], "text"),
        ([b"\x00\x01", b"\xff\xfe\x00"], "binary"),
    ],
)
def test_what_has_no_fields_is_text_or_binary(values, name):
    assert detect(values).name == name


def test_text_is_one_field_and_a_number_if_it_is_one():
    text = named_format("text")
    assert text.fields(b"apple") == {(): "apple"}
    assert text.fields(b"12") == {(): 12}
    assert text.fields(b"007") == {(): "007"}
    assert text.fields(b"\xff") is None
    assert named_format("binary").fields(b"\xff") == {}


def test_an_unknown_format_is_refused_with_the_near_one():
    with pytest.raises(InvalidValueError, match="unknown format 'jsn': did you mean 'json'"):
        named_format("jsn")
    with pytest.raises(InvalidValueError, match="use json, "):
        named_format("quux")


@given(
    st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))
)
def test_no_value_makes_a_format_raise(value):
    detect([value])
    for one in FORMATS:
        one.fields(value)
