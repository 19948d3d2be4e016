"""Choosing columns, and what they are called."""

import pytest

from engine.fields.profile import FieldProfile, FieldType
from engine.units import InvalidValueError
from tui.config.column_names import Name, names_text, parse_names
from tui.dashboard.present.columns.choice import Candidate, Choice, candidates

CITY = FieldProfile(
    path=("customer", "city"),
    type=FieldType.TEXT,
    share=0.5,
    distinct=2,
    examples=("Porto", "Faro\x1b"),
    constant=False,
    width=5,
)


def test_what_is_known_of_a_column_is_said() -> None:
    *parts, city = candidates([CITY])
    assert [one.name for one in parts] == ["key", "time", "partition", "value"]
    assert (city.name, city.type, city.share, city.distinct) == ("customer.city", "text", "50.0%", "2 values")
    assert city.examples == r"Porto · Faro\x1b"


def test_columns_are_shown_hidden_moved_and_resized() -> None:
    choice = Choice(parse_names("time,gone:7"), [Candidate(name="time"), Candidate(name="a.city")])
    assert [one.name for one in choice.matching("")] == ["time", "gone", "a.city"]
    assert [one.name for one in choice.matching("CIT")] == ["a.city"]
    choice.toggle("a.city")
    choice.move("a.city", -1)
    choice.resize("time", 12)
    choice.toggle("gone")
    for idle in ("gone", "nothing"):
        choice.move(idle, 1)
        choice.resize(idle, 3)
    assert names_text(choice.names) == "time:12,a.city"
    choice.move("time", 9)
    choice.resize("a.city", 0)
    assert names_text(choice.names) == "a.city:1,time:12"


def test_names_are_read_as_they_are_written() -> None:
    text = 'time,customer.city:12,items[0].sku,["a,b:3"],value'
    names = parse_names(text)
    assert names[1] == Name("customer.city", 12)
    assert [name.path for name in names] == [
        None,
        ("customer", "city"),
        ("items", 0, "sku"),
        ("a,b:3",),
        None,
    ]
    assert names_text(names) == text
    assert parse_names(" ") == ()


@pytest.mark.parametrize("text", ["a,,b", "a..b", "a:0", "a:999", ":5"])
def test_what_is_no_column_is_refused(text: str) -> None:
    with pytest.raises(InvalidValueError, match="invalid"):
        parse_names(text)
