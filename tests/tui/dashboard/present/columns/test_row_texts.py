"""The text of a row."""

import json
import random
import re
from collections.abc import Sequence

import pytest
from rich.cells import cell_len

from engine.fields.formats.json_values import JsonValues
from engine.records.batch import Batch, record_batch
from tests.tui.dashboard.present.columns.test_cut import MIXED
from tui.dashboard.present.columns.column import VALUE, Column, Part, Tone, placed
from tui.dashboard.present.columns.row_texts import RowTexts
from tui.dashboard.present.columns.row_writer import Sought
from tui.dashboard.present.values.value import Span

NOON = 1_772_366_400_000
KEY = Column(part=Part.KEY, title="KEY", width=6, narrowest=3)
COLUMNS = (
    KEY,
    Column(path=("n",), title="n", width=4, narrowest=4, right=True, rank=1),
    Column(path=("kind",), title="kind", width=8, narrowest=6, rank=2),
    Column(path=("text",), title="text", width=40, narrowest=10, flexible=True),
)
TEXTS = RowTexts(COLUMNS, JsonValues())


def batch(*values: bytes | None, key: bytes | None = b"k") -> Batch:
    return Batch.consecutive(0, 0, record_batch(values, keys=[key] * len(values), timestamps=NOON))


def record(**fields: object) -> Batch:
    return batch(json.dumps(fields, ensure_ascii=False).encode())


def sought(pattern: str) -> Sought:
    def highlight(text: str) -> Sequence[Span]:
        return [found.span() for found in re.finditer(pattern, text)]

    return Sought(highlight=highlight, hit=True)


def test_cells_stand_under_their_titles() -> None:
    shown = record(text="a text that is too long for its row", n=12, kind="created")
    assert TEXTS.titles(36) == "KEY       n kind     text            "[:36]
    assert TEXTS.row(shown, 0, 36).text == "k        12 created  a text that is…"


def test_titles_are_whole_where_there_is_room() -> None:
    long = Column(path=("a",), title="request_duration_ms", width=12, narrowest=2, right=True)
    texts = RowTexts((long, *COLUMNS[1:]), JsonValues())
    assert texts.titles(75) == f"request_duration_ms    n kind     {'text':41}"
    assert texts.titles(69) == f"request_durat…    n kind     {'text':40}"
    assert texts.titles(60).startswith("request_dur…    n kind")
    assert texts.titles(9, scroll=11).startswith("ation_ms ")
    with_value = RowTexts((long, VALUE), JsonValues())
    assert with_value.titles(60).startswith("request_dur… VALUE"), "a value may take all of the room"


def test_columns_of_little_rank_give_way_and_scrolling_shows_all() -> None:
    shown = record(text="a text that is too long for its row", n=12, kind="created")
    assert [one.column.title for one in placed(COLUMNS, 22)] == ["KEY", "n", "text"]
    assert TEXTS.row(shown, 0, 22).text == "k        12 a text th…"
    assert TEXTS.width(shown, 0) == 21 + len("a text that is too long for its row")
    assert TEXTS.row(shown, 0, 22, scroll=34).text == "s too long for its row"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "k      ∅ tombstone"),
        (b"", "k      ∅ empty"),
        (b"no JSON at all", "k      no JSON at all"),
        (b'{"n":1}', "k         1 –        –"),
        (b'{"n":null,"kind":"","text":"a\\nb\\u001b[31m"}', r'k      null ""       a⏎b\x1b[31m'),
    ],
)
def test_what_is_missing_or_of_another_format_says_so(value: bytes | None, text: str) -> None:
    assert TEXTS.row(batch(value), 0, 40).text.rstrip() == text


def test_numbers_and_what_is_missing_are_toned() -> None:
    tones = [piece.tone for piece in TEXTS.row(record(n=1, text="x"), 0, 40).pieces if piece.text.strip()]
    assert tones == [Tone.KEY, Tone.NUMBER, Tone.QUIET, None]


@pytest.mark.parametrize(
    ("pattern", "shown"),
    [
        ("needle", "…xt with a needle"),
        ("created", "created"),
        ("kept", '…ot":"kept","sho…'),
        ("secret", "…secr…"),
    ],
)
def test_a_hit_is_in_view_wherever_it_is(pattern: str, shown: str) -> None:
    value = {"n": 1, "kind": "created", "text": "the text with a needle", "not": "kept", "shown": 1}
    found = batch(json.dumps(value, separators=(",", ":")).encode(), key=b"my secret")
    row = TEXTS.row(found, 0, 38, sought=sought(pattern))
    (hit,) = (piece.text for piece in row.pieces if piece.hit)
    assert pattern.startswith(hit)
    assert shown in row.text


def test_a_hit_deep_in_a_text_is_in_view() -> None:
    row = RowTexts().row(batch(b"x" * 100_000 + b" needle " + b"y" * 100), 0, 20, sought=sought("needle"))
    assert row.text == "…xxxxx needle yyyyy…"
    assert RowTexts().row(batch(b"x" * 100), 0, 8).text == "xxxxxxx…"


@pytest.mark.parametrize("seed", range(40))
def test_a_row_takes_its_room_whatever_it_shows(seed: int) -> None:
    chance = random.Random(seed)
    text = "".join(chance.choices(MIXED, k=chance.randrange(30)))
    shown = record(text=text, kind=text[::-1], n=seed)
    for room in (0, 1, 5, 17, 40, 120):
        for scroll in (0, 3, seed):
            row = TEXTS.row(shown, 0, room, scroll=scroll, sought=sought("e|x"))
            assert cell_len(row.text) <= max(room, 1)
    starts = {cell_len(RowTexts((VALUE,)).row(shown, 0, room).text) <= room for room in range(1, 60)}
    assert starts == {True}
    row = TEXTS.row(shown, 0, 60)
    before = "".join(piece.text for piece in row.pieces[:-1])
    assert cell_len(before) == 21
