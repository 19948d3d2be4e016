from dataclasses import replace

import pytest

from engine.live.separation.condition import Between, Condition, Is, Missing, Other, Part
from engine.live.separation.groups import Group
from engine.live.separation.separate import SeparatingField, Separation
from tui.dashboard.present.field_table import FieldLine, GroupLine, check_name, lines, silent, summary


def group(check, *counts, values=1):
    return Group(check=check, counts=counts, values=values)


def separation(*groups, score=0.9, subject=("event",), others=()):
    totals = [sum(one.counts[kind] for one in groups) for kind in range(3)]
    found = SeparatingField(subject=subject, score=score, groups=groups)
    return Separation(
        fields=(found, *others), format="csv:a,b", records=sum(totals), read=sum(totals), counts=tuple(totals)
    )


A, B, C = Is("A"), Is("B"), Is("C")


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        ([group(A, 5, 0, 0), group(B, 4, 0, 0), group(C, 0, 90, 1)], "A, B pass, the rest does not"),
        ([*(group(Is(f"v{n}"), 5, 0, 0) for n in range(4)), group(C, 0, 9, 0)], "all but C pass"),
        ([group(A, 5, 5, 0), group(B, 1, 9, 0), group(C, 0, 90, 0)], "50.0% of A pass, 1.0% of the rest"),
        ([group(A, 50, 0, 0), group(B, 10, 90, 0)], "100% of A pass, 10.0% of the rest"),
        ([group(A, 50, 0, 0), group(B, 10, 9_990, 0)], "100% of A pass, 0.1% of the rest"),
    ],
)
def test_a_sentence_says_which_values_pass(groups, said):
    assert summary(separation(*groups)) == f"event tells passed from dropped best: {said}"


def test_many_values_are_not_all_named():
    groups = [group(Is(f"v{n}"), 5, 0, 0) for n in range(5)] + [group(A, 0, 90, 0), group(B, 0, 9, 0)]
    groups += [group(Is(f"w{n}"), 0, 9, 0) for n in range(5)]
    assert summary(separation(*groups)).endswith("v0, v1, 3 others pass, the rest does not")


def test_failures_are_told_apart_where_nothing_is_dropped():
    found = summary(separation(group(A, 50, 0, 0), group(Missing(), 0, 0, 5)))
    assert found == "event tells failed from passed best: no value fails, the rest does not"


def test_none_of_those_that_were_read_may_pass():
    found = replace(separation(group(A, 0, 5, 0), group(B, 0, 4, 1)), records=90, counts=(1, 88, 1))
    assert summary(found) == "event tells passed from dropped best: 0.0% of A pass, 0.0% of the rest"


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (Separation(), "no record is evaluated yet"),
        (
            separation(group(A, 5, 0, 0), group(B, 4, 0, 0)),
            "all 9 records pass: there is nothing to tell apart",
        ),
        (
            separation(group(A, 0, 5, 0), group(B, 0, 4, 0)),
            "all 9 records are dropped: there is nothing to tell apart",
        ),
        (separation(group(A, 5, 5, 0), group(B, 4, 4, 0), score=0), "no field tells passed from dropped"),
    ],
)
def test_where_there_is_nothing_to_tell_it_says_so(found, said):
    assert summary(found) == said


@pytest.mark.parametrize(
    ("check", "name"),
    [
        (Is("a\x1bb"), "a\\x1bb"),
        (Is(""), "∅ empty"),
        (Is(404.0), "404"),
        (Is(0.1), "0.1"),
        (Other(("a",)), "7 other values"),
        (Missing(), "no value"),
        (Between(low=None, high=70.0), "< 70"),
        (Between(low=2.5, high=None), "≥ 2.5"),
        (Between(low=10.0, high=1_234_567.0), "10 – 1,234,567"),
    ],
)
def test_groups_have_names(check, name):
    assert check_name(check, 7) == name


def test_lines_are_fields_that_tell_something_with_their_groups():
    city = SeparatingField(subject=("customer", "city"), score=0.001, groups=(group(A, 1, 1, 0),))
    fits = SeparatingField(subject=Part.FITS, score=0.5, groups=(group(Is("yes"), 1, 1, 0),))
    found = separation(group(A, 30, 0, 0), group(B, 0, 60, 0), others=(fits, city))
    listed = list(lines(found))
    assert listed[:3] == [
        FieldLine(name="event", score=0.9),
        GroupLine(condition=Condition(("event",), A), name="A", counts=(30, 0, 0), share=0.5),
        GroupLine(condition=Condition(("event",), B), name="B", counts=(0, 60, 0), share=1.0),
    ]
    assert listed[3] == FieldLine(name="is csv", score=0.5)
    assert silent(found) == "tell nothing: customer.city"
