import pytest

from engine.records.batch import ANY_PARTITION, Headers, Record
from engine.units import InvalidValueError
from tui.dashboard.present.typed_record import MOST_BYTES, Draft, draft_of


@pytest.mark.parametrize(
    "record",
    [
        Record(ANY_PARTITION, 0, 0, b"k", b"a\tb\nc", (("a", b"1=2"), ("a", b""), ("b", None))),
        Record(ANY_PARTITION, 0, 0, None, "Kraków 大阪".encode()),
        Record(ANY_PARTITION, 0, 0, b"k", None),
        Record(ANY_PARTITION, 0, 0, None, b""),
    ],
)
def test_a_record_is_typed_and_meant_again(record: Record) -> None:
    draft = draft_of(record)
    found = draft.record()
    assert not draft.left_out
    assert (found.key, found.value, found.headers) == (record.key, record.value, record.headers)
    assert found.partition == ANY_PARTITION


@pytest.mark.parametrize(
    ("value", "key", "headers", "left_out"),
    [
        (b"\xff", b"k", (), ("the value",)),
        (b"\x1b[31mred", b"a\nb", (), ("the value", "the key")),
        (b"x" * (MOST_BYTES + 1), None, (), ("the value",)),
        (b"", None, (("a=b", b"1"), ("c", b"\xff"), ("d", b"1")), ("header a=b", "header c")),
    ],
)
def test_what_cannot_be_typed_is_left_out(
    value: bytes, key: bytes | None, headers: Headers, left_out: tuple[str, ...]
) -> None:
    draft = draft_of(Record(0, 0, 0, key, value, headers))
    assert draft.left_out == left_out
    assert draft.value == ""
    assert draft.key == ("k" if key == b"k" else "")
    assert draft.headers == ("d=1" if headers else "")


def test_what_is_typed_wrongly_is_named() -> None:
    assert Draft(partition=" 3 ").record().partition == 3
    for draft, problem in [
        (Draft(partition="-1"), "invalid partition '-1': use a number, e.g. 0"),
        (Draft(headers="a=1\n=2"), "invalid header '=2': use NAME=VALUE"),
    ]:
        with pytest.raises(InvalidValueError) as raised:
            draft.record()
        assert raised.value.message == problem
