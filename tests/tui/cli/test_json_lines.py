"""Records as JSON, made in columns."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.consumer.delivery import Delivery
from engine.records.batch import Batch, record_batch
from tui.cli.output.json_lines import json_objects

CONTENT = st.none() | st.binary(max_size=8) | st.text(max_size=8).map(str.encode)


def content(name: str, value: bytes | None) -> dict[str, str | None]:
    try:
        return {name: None if value is None else value.decode()}
    except UnicodeDecodeError:
        return {f"{name}_base64": base64.b64encode(value or b"").decode()}


def expected(offset: int, key: bytes | None, value: bytes | None) -> dict[str, Any]:
    record = {"offset": offset, "partition": 3, "timestamp": -7}
    return record | content("key", key) | content("value", value)


@given(st.lists(st.tuples(CONTENT, CONTENT), min_size=1, max_size=6), st.integers(0, 5))
def test_any_content_reads_back_as_json_and_is_written_as_python_writes_it(
    pairs: list[tuple[bytes | None, bytes | None]], skipped: int
) -> None:
    keys, values = zip(*pairs, strict=True)
    records = record_batch(list(values), keys=list(keys), timestamps=-7)
    batch = Batch.consecutive(3, 10, records).slice(min(skipped, len(pairs) - 1), len(pairs))
    objects = [str(found) for found in json_objects(Delivery(batch, None))]
    wanted = [expected(at, key, value) for at, (key, value) in enumerate(pairs, 10)][-len(batch) :]
    assert objects == [json.dumps(one, ensure_ascii=False) for one in wanted]


@pytest.mark.parametrize("char", [*map(chr, range(32)), '"', "\\", "\x7f", "é", "\u2028", "😀"])
def test_each_special_character_is_escaped_as_python_does(char: str) -> None:
    records = record_batch([f"a{char}{char}b\\{char}".encode()])
    (found,) = json_objects(Delivery(Batch.consecutive(0, 0, records), None))
    assert json.dumps(f"a{char}{char}b\\{char}", ensure_ascii=False) in str(found)


def test_a_delivery_of_nothing_has_no_objects() -> None:
    assert len(json_objects(Delivery(Batch.consecutive(0, 0, record_batch([])), None))) == 0
