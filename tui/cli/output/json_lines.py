"""Records as JSON objects, one per line: made in columns, since one by one takes ten times as long."""

from __future__ import annotations

import base64
import json
from itertools import groupby
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from engine.consumer.delivery import Delivery
from engine.records.record_json import fault_object
from engine.records.verdicts import Verdict
from tui.dashboard.present.signs import VERDICT_WORDS

Texts: TypeAlias = "pa.Array[Any]"
"""Strings, one per record."""
Part: TypeAlias = "Texts | str"
"""A part of each line: its own, or the same for all."""

_quoted = json.JSONEncoder(ensure_ascii=False).encode
_ESCAPES = {ord(char): _quoted(char)[1:-1] for char in ('\\"' + "".join(map(chr, range(32))))}
"""What JSON escapes, the backslash first, since the others bring one in."""
_WORDS = [f', "verdict": "{VERDICT_WORDS[verdict]}"' for verdict in sorted(VERDICT_WORDS)]


def json_lines(delivery: Delivery, more: Texts | None) -> memoryview:
    """The objects of `json_objects`, one per line, without a newline after the last."""
    return _bytes(_objects(delivery, more, "}\n"))[:-1].data


def json_objects(delivery: Delivery, more: Texts | None = None) -> Texts:
    """An object per delivered record; `key_base64` and `value_base64` hold what is not UTF-8.

    `more` has further members of each, as text that begins with a comma, or empty.
    """
    return _objects(delivery, more, "}")


def _objects(delivery: Delivery, more: Texts | None, end: str) -> Texts:
    records = delivery.records
    return _concatenated(
        '{"offset": ',
        pa.array(delivery.offsets).cast(pa.string()),
        f', "partition": {delivery.batch.partition}, "timestamp": ',
        _numbers(records.column("timestamp")),
        ", ",
        *_content("key", records.column("key")),
        ", ",
        *_content("value", records.column("value")),
        *_headers(records.column("headers")),
        *(() if more is None else (more,)),
        end,
    )


def verdict_members(delivery: Delivery) -> Texts:
    """The members `verdict` and, of those that failed, `fault_object` of each record's object."""
    verdicts = delivery.verdicts
    members = pa.array(_WORDS, pa.string()).take(verdicts)
    failed = np.flatnonzero(verdicts != int(Verdict.PASS))
    if not len(failed):
        return members
    faults = {fault.index: fault for fault in delivery.evaluation.faults} if delivery.evaluation else {}
    found = [str(member) for member in members]
    for row in failed.tolist():
        fault = faults.get(int(delivery.passed[row]))
        if fault is not None:
            found[row] += f", {_quoted(fault_object(fault))[1:-1]}"
    return pa.array(found, pa.string())


def _concatenated(*parts: Part) -> Texts:
    columns: list[Any] = []
    for is_text, group in groupby(parts, lambda part: isinstance(part, str)):
        found = list(group)
        columns += [pa.scalar("".join(map(str, found)))] if is_text else found
    joined: Texts = pc.binary_join_element_wise(*columns, pa.scalar(""))
    return joined


def _numbers(column: pa.Array[Any]) -> Part:
    numbers = column.to_numpy()
    # Records that were appended together have the same time.
    same = len(numbers) and (numbers == numbers[0]).all()
    return str(numbers[0]) if same else column.cast(pa.string())


def _content(name: str, column: pa.Array[Any]) -> tuple[Part, ...]:
    """The member with the bytes of a key or a value."""
    if column.null_count == len(column):
        return (f'"{name}": null',)
    try:
        text = column.cast(pa.string())
    except pa.ArrowInvalid:
        return (pa.array([_text_or_base64(name, content) for content in column.to_pylist()], pa.string()),)
    member = f'"{name}": "', _escaped(text), '"'
    return (_concatenated(*member).fill_null(f'"{name}": null'),) if column.null_count else member


def _escaped(text: Texts) -> Texts:
    # 20 ns per value of 100 bytes without anything to escape, 100 to 350 with it; json.dumps takes 450.
    content = _bytes(text)
    control = content[content < ord(" ")]
    present = {*np.unique(control).tolist(), *(char for char in b'\\"' if (content == char).any())}
    for char, escape in _ESCAPES.items():
        if char in present:
            text = pc.replace_substring(text, pattern=chr(char), replacement=escape)
    return text


def _bytes(text: Texts) -> npt.NDArray[np.uint8]:
    _, ends, content = text.buffers()
    if content is None or ends is None:
        return np.empty(0, np.uint8)
    limits = np.frombuffer(memoryview(ends), np.int32)
    first, last = limits[text.offset], limits[text.offset + len(text)]
    return np.frombuffer(memoryview(content), np.uint8)[first:last]


def _headers(column: pa.Array[Any]) -> tuple[Texts, ...]:
    """The member `headers`, if any record has some."""
    if column.null_count == len(column):
        return ()
    members = [
        f', "headers": [{", ".join(_header(name, content) for name, content in pairs)}]' if pairs else ""
        for pairs in column.to_pylist()
    ]
    return (pa.array(members, pa.string()),)


def _header(name: str, content: bytes | None) -> str:
    return f'{{"name": {_quoted(name)}, {_text_or_base64("value", content)}}}'


def _text_or_base64(name: str, content: bytes | None) -> str:
    if content is None:
        return f'"{name}": null'
    try:
        return f'"{name}": {_quoted(content.decode())}'
    except UnicodeDecodeError:
        return f'"{name}_base64": "{base64.b64encode(content).decode()}"'
