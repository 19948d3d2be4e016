"""Which columns are guessed from records."""

import json

from engine.fields.path import parse_path
from engine.fields.table import detect
from engine.records.batch import Batch, record_batch
from tui.config.column_names import parse_names
from tui.dashboard.present.columns.column import Part, placed
from tui.dashboard.present.columns.guess import Guess, guess, sample
from tui.dashboard.present.columns.topic_columns import named_columns


def guessed(*values: object, keys: list[bytes | None] | None = None, read: tuple[str, ...] = ()) -> Guess:
    texts = [one if isinstance(one, bytes) else json.dumps(one).encode() for one in values]
    stamps = [1_000 * number for number in range(len(values))]
    batch = Batch.consecutive(0, 0, record_batch(texts, keys=keys, timestamps=stamps))
    found = sample((batch, index) for index in range(len(batch)))
    return guess(found, detect(found.values), [parse_path(path) for path in read])


def titles(found: Guess) -> list[str]:
    return [column.title for column in found.columns]


def event(number: int) -> dict[str, object]:
    kind = ("created", "paid", "sent")[number % 3]
    return {
        "schema": "v3",
        "id": f"{number * 7919:032x}",
        "text": f"the order {number} was {kind} by somebody in the shop",
        "kind": kind,
        "customer": {"city": ("Porto", "Faro")[number % 2]},
        "items": [{"sku": number % 5}, {"sku": number % 4}],
    }


def test_fields_that_differ_are_columns_and_the_longest_text_takes_the_rest() -> None:
    found = guessed(*map(event, range(50)))
    assert titles(found) == ["TIME", "id", "kind", "city", "sku", "text"]
    assert [column.title for column in found.columns if column.flexible] == ["text"]
    assert [column.title for column in found.columns if column.right] == ["sku"]
    assert found.constants == [("schema", "v3")]


def test_fields_that_a_smartstream_reads_come_first() -> None:
    found = guessed(*map(event, range(50)), read=("customer.city", "items[1].sku", "nowhere"))
    assert titles(found)[1:4] == ["city", "items[1].sku", "id"]


def test_what_is_null_or_an_object_is_no_column_of_nulls() -> None:
    users = [{"n": n % 3, "user": {"id": n * 7} if n % 2 else None} for n in range(20)]
    assert titles(guessed(*users)) == ["TIME", "n", "id"]
    assert titles(guessed(*users, read=("user",)))[1] == "user"


def test_a_field_that_a_smartstream_reads_gives_way_last() -> None:
    lines = [
        {"at": f"2026-01-01T10:00:{n:02}Z", "n": n % 3, "amount": n * 97.5, "text": f"it was {n} " * 5}
        for n in range(9)
    ]
    cells = [
        [one.column.title for one in placed(guessed(*lines, read=read).columns, 22)]
        for read in ((), ("amount",))
    ]
    assert cells == [["at", "text"], ["amount", "text"]]


def test_enough_is_left_of_the_title_of_a_short_number() -> None:
    lines = [{"quantity": n % 7, "n": n % 5, "text": f"it was {n} " * 9} for n in range(9)]
    columns = guessed(*lines).columns
    narrowest = [{one.column.title: one.cells for one in placed(columns, room)} for room in range(9, 40)]
    assert min(one["quantity"] for one in narrowest if "quantity" in one) == len("qu…")
    assert {one["n"] for one in narrowest if "n" in one} == {1}


def test_text_is_shown_whole_with_keys_that_differ() -> None:
    lines = [b"line %d" % number for number in range(9)]
    assert titles(guessed(*lines)) == ["VALUE"]
    assert titles(guessed(*lines, keys=[b"k%d" % number for number in range(9)])) == ["KEY", "VALUE"]
    assert titles(guessed(*lines, keys=[b"same"] * 9)) == ["VALUE"]
    assert titles(guessed({"a": 1}, {"a": 1})) == ["VALUE"]
    assert titles(guessed()) == ["VALUE"]


def test_a_field_with_the_time_stands_for_that_of_the_record() -> None:
    found = guessed(*({"at": f"2026-01-01T10:00:{n:02}Z", "n": n % 3} for n in range(9)))
    assert titles(found) == ["at", "n"]
    assert found.columns[0].width == len("10:00:00.000")


def test_a_time_has_its_hour_and_no_blank_cells_in_any_room() -> None:
    found = guessed(
        *({"at": f"2026-01-01T10:{n:02}:00.{n:03}Z", "n": n * 977, "to": "x" * n} for n in range(9))
    )
    cells = [{one.column.title: one.cells for one in placed(found.columns, room)} for room in range(16, 80)]
    assert {one["at"] for one in cells if "at" in one} == {len("10:00:00"), len("10:00:00.000")}


def test_a_number_that_counts_records_gives_way_first_and_short_texts_are_not_cut() -> None:
    newest_first = range(30, 0, -1)
    found = guessed(*({"line": str(n), "at": f"11:33:{n:02}", "pid": n * 7919 % 9973} for n in newest_first))
    assert max(found.columns, key=lambda column: column.rank).title == "line"
    assert {column.title: column.narrowest for column in found.columns}["at"] == len("11:33:19")


def test_columns_are_named() -> None:
    profiles = guessed(*map(event, range(50))).profiles
    chosen = named_columns(parse_names("customer.city,time,text,not.there,key:9"), profiles)
    assert [column.title for column in chosen] == ["city", "TIME", "text", "there", "KEY"]
    assert [column.flexible for column in chosen] == [False, False, True, False, False]
    assert [column.part for column in chosen][1] is Part.TIME
    assert chosen[-1].width == chosen[-1].narrowest == 9
