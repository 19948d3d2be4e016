import json
from datetime import UTC, datetime

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fields.arrays import one_by_one
from engine.fields.formats.json_arrays import JsonReader
from engine.fields.path import path_text
from engine.fields.table import named_format
from tests.engine.fields.test_log_formats import LINES

JSON = named_format("json")


def read(values, sample=None, only=None, format=JSON):
    found = format.reader(values if sample is None else sample, only)(pa.array(values, pa.binary()))
    assert len(found.fits) == len(values)
    assert all(len(column) == len(values) for column in found.columns.values())
    return found.fits.tolist(), {
        path_text(path): column.to_pylist() for path, column in found.columns.items()
    }


GOOD = [b'{"a": 1, "b": {"c": "x"}, "d": [true, false]}', b' {\r\n"a": 2.5,\n"b": null}\n', b"{}"]
BROKEN = [
    b'{"a":',
    b"{} {}",
    b'{"a": 1}, "x":',
    b'{"a": 1}}\n{"n": 1, "v": {}',
    b'{"a": "\xff"}',
    b"{" * 5_000,
    b'{"a": NaN',
]


def test_values_are_read_at_once_as_numbers_and_texts():
    assert read([*GOOD, None, b"", b"text"], sample=GOOD) == (
        [True, True, True, False, False, False],
        {
            "a": [1.0, 2.5, None, None, None, None],
            "b.c": ["x", None, None, None, None, None],
            "d[0]": ["true", None, None, None, None, None],
            "d[1]": ["false", None, None, None, None, None],
            "d[2]": [None] * 6,
            "d[3]": [None] * 6,
        },
    )


@pytest.mark.parametrize("broken", BROKEN)
def test_a_broken_value_passes_for_none_and_swallows_none(broken):
    fits, columns = read([GOOD[0], broken, GOOD[1]], sample=GOOD)
    assert fits == [True, False, True]
    assert columns["a"] == [1.0, None, 2.5]


def test_a_field_that_is_a_number_here_and_a_text_there_is_text():
    fits, columns = read([b'{"a": 1}', b'{"a": "x"}'], sample=[b'{"a": 1}'])
    assert (fits, columns) == ([True, True], {"a": ["1", "x"]})


def test_a_field_that_has_several_types_in_the_sample_is_not_left_out():
    values = [b'{"a": 500, "b": 1}', b'{"a": "failed", "b": {"c": 2}}', b'{"a": null, "b": [3]}']
    columns = read(values)[1]
    assert columns["a"] == ["500", "failed", None]
    assert (columns["b"], columns["b.c"], columns["b[0]"]) == (
        [1, None, None],
        [None, 2, None],
        [None, None, 3],
    )
    assert read(values[:1], sample=values)[1]["a"] == [500.0], "as most of the sample, at once"


def test_times_are_times_in_every_spelling():
    moment = datetime(2026, 1, 2, 3, 4, 5)
    for text in ("2026-01-02T03:04:05Z", "2026-01-02 03:04:05", "2026-01-02T04:04:05+01:00"):
        value = json.dumps({"t": text}).encode()
        assert read([value] * 2)[1] == {"t": [moment] * 2}
        assert read([value, b"{"], sample=[value])[1] == {"t": [moment, None]}, "one by one"
    assert moment.replace(tzinfo=UTC).year == 2026


def test_fields_that_the_sample_has_not_are_left_out_however_many():
    many = json.dumps({f"k{n}": n for n in range(5_000)}).encode()
    deep = b'{"a": ' * 40_000 + b"1" + b"}" * 40_000
    assert read([GOOD[0], many, deep], sample=[b'{"a": 1}'])[0][:2] == [True, True]


def test_one_field_alone_is_read():
    assert read(GOOD, only=("b", "c"))[1] == {"b.c": ["x", None, None]}
    assert read(GOOD, only=("d", 1))[1]["d[1]"] == ["false", None, None]


def test_formats_without_a_quick_way_are_read_one_by_one():
    fits, columns = read([b"a=1 b=x", b"no", b"a=2"], format=named_format("logfmt"))
    assert (fits, columns) == ([True, False, True], {"a": [1.0, None, 2.0], "b": ["x", None, None]})


@pytest.mark.parametrize("name", ["sshd", "python", "access", r"regex:(?P<level>[a-z]+)(?: n=(?P<n>\d+))?"])
def test_log_lines_are_read_at_once_as_one_by_one(name):
    lines = [line.encode() for line, *_ in LINES] + [b"error n=5", b"warn", b"", None, b"x" * (1 << 20)]
    found, values = named_format(name), pa.array(lines * 2, pa.binary())
    quick, sure = found.reader(())(values), one_by_one(found.fields)(values)
    assert np.array_equal(quick.fits, sure.fits)
    assert quick.fits.any()
    assert {path: column.to_pylist() for path, column in quick.columns.items()} == {
        path: column.to_pylist() for path, column in sure.columns.items()
    }
    broken = found.reader(())(pa.array([*lines, b"\xff"], pa.binary()))
    assert not broken.fits[-1]


LEAVES = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
OBJECTS = st.dictionaries(
    st.sampled_from("abc"), LEAVES | st.dictionaries(st.sampled_from("xy"), LEAVES), max_size=3
)


@settings(max_examples=60)
@given(st.lists(OBJECTS, min_size=1, max_size=5))
def test_both_ways_agree(objects):
    values = pa.array([json.dumps(one).encode() for one in objects], pa.binary())
    quick = JsonReader(values.to_pylist()).read(values)
    if quick is None:
        return
    sure = super(type(JSON), JSON).reader(())(values)
    assert np.array_equal(quick.fits, sure.fits)
    for path, column in quick.columns.items():
        if column.type == sure.columns[path].type if path in sure.columns else False:
            expected = [None if value in ("{}", "[]") else value for value in sure.columns[path].to_pylist()]
            assert column.to_pylist() == expected
