import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fields.path import path_text
from engine.fields.table import detect, named_format


def fields(found, row):
    taken = found.fields(row)
    return None if taken is None else {path_text(path): value for path, value in taken.items()}


ROWS = [b'Ann,4,"a, b"', b"Bob,5,c"]


def test_the_topics_first_value_is_the_header():
    found = detect(ROWS, first=b"name,level,what")
    assert found.name == "csv:name,level,what"
    assert fields(found, ROWS[0]) == {"name": "Ann", "level": 4, "what": "a, b"}
    assert found.fields(b"name,level,what") is None, "the header is no row"
    assert found.fields(b"Ann,4") is None, "a row with another number of cells"


def test_a_name_says_the_columns():
    assert fields(named_format("csv:a,b"), b"1,x") == {"a": 1, "b": "x"}
    assert fields(named_format("tsv:a,b"), b"1\tx") == {"a": 1, "b": "x"}


def test_without_names_the_first_value_or_numbers_name_the_columns():
    assert fields(named_format("csv", first=b"a,b"), b"1,x") == {"a": 1, "b": "x"}
    assert fields(named_format("csv", first=b"1,2"), b"1,x") == {"c1": 1, "c2": "x"}


def test_rows_without_a_header_are_detected():
    assert detect([b"1\tx"] * 5).name == "tsv:c1,c2"
    assert detect([b"1,x,2"] * 5, first=b"1,x,2").name == "csv:c1,c2,c3"


@pytest.mark.parametrize(
    "values",
    [[b"well, yes, no"] * 5, [b"a,b"] * 5, [b"one,two,three", b"x,y", b"plain"] * 5, [b"no delimiter"] * 5],
)
def test_sentences_are_no_rows(values):
    assert detect(values, first=values[0]).name in ("text", "csv:a,b")


def test_broken_json_is_no_row():
    assert detect([b'{"id":0007,"city":"Faro","level":"info"}'] * 5).name == "text"


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\n\0")), min_size=2, unique=True))
def test_the_name_of_a_format_makes_the_same_format(header):
    found = named_format("csv:" + ",".join(f'"{name}"' for name in header if '"' not in name))
    assert named_format(found.name).name == found.name
