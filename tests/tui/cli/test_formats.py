"""How `consume` prints records."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from engine.broker.sqlite.broker import EmbeddedBroker
from engine.records.batch import record_batch
from tests.tui.cli.conftest import InProcess, Program

STAMP = 1_612_325_106_789


@pytest.fixture
def keyed(program: Program, here: InProcess) -> InProcess:
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs", 2)
        records = record_batch([b"one", b"", b"\xff\n2"], keys=[b"k", None, b"\xfe"], timestamps=STAMP)
        broker.log.append("logs", records, 1)
    return here


def printed(here: InProcess, *options: str) -> bytes:
    return here.ok("consume", "logs", "-B", "-d", *options).out


def test_keys_and_values(keyed: InProcess) -> None:
    assert printed(keyed, "-k") == b"[k] one\n[null] \n[\xfe] \xff\n2\n"


def test_template_has_every_field(keyed: InProcess) -> None:
    template = "{{partition}}/{{ offset }} {{time}} {{key}}: {{value}} {é}"
    lines = printed(keyed, "-F", template, "-n", "2").decode().splitlines()
    assert lines == [
        "1/0 2021-02-03T04:05:06.789Z k: one {é}",
        "1/1 2021-02-03T04:05:06.789Z null:  {é}",
    ]


def test_templates_take_escapes_and_fields_of_values(here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(
        b'{"a": {"b": [1, 2.50]}, "c": "x"}\n{"a": {"b": [3]}, "c": null, "d": true}\nno json\n'
        b'{"c": "\\ud800"}\n'
    )
    here.ok("produce", "logs", tmp_path / "lines", "--create")
    template = r"{{value.a.b[1]}}\t{{ value.c }}\n{{value.a}} {{value.d}} \\t"
    assert printed(here, "-F", template).splitlines() == [
        b"2.50\tx",
        b'{"b": [1, 2.5]} null \\t',
        b"null\tnull",
        b'{"b": [3]} true \\t',
        b"null\tnull",
        b"null null \\t",
        b"null\t\\ud800",
        b"null null \\t",
    ]


def test_partition_alone_is_a_line_per_record(keyed: InProcess) -> None:
    assert printed(keyed, "-F", "p{{partition}}") == b"p1\n" * 3


def test_csv_has_a_head_and_quotes(keyed: InProcess) -> None:
    assert printed(keyed, "-O", "csv").decode() == (
        "partition,offset,time,key,value\n"
        "1,0,2021-02-03T04:05:06.789Z,k,one\n"
        "1,1,2021-02-03T04:05:06.789Z,,\n"
        '1,2,2021-02-03T04:05:06.789Z,\\xfe,"\\xff\n2"\n'
    )


def test_columns_of_csv_are_fields(here: InProcess, tmp_path: Path) -> None:
    (tmp_path / "lines").write_bytes(b'{"a": "x,y"}\n{"b": 1}\n')
    here.ok("produce", "logs", tmp_path / "lines", "--create")
    assert printed(here, "-O", "csv", "--columns", "offset, value.a,value.b") == (
        b'offset,value.a,value.b\n0,"x,y",\n1,,1\n'
    )


def test_colour_on_request(keyed: InProcess) -> None:
    plain, coloured = (printed(keyed, "-O", "json", "--color", choice) for choice in ("auto", "always"))
    assert b"\x1b" not in plain
    assert re.sub(rb"\x1b\[\d*m", b"", coloured) == plain
    assert b'\x1b[34m"offset"\x1b[0m: \x1b[36m0\x1b[0m' in coloured


def test_headers_round_trip(keyed: InProcess, tmp_path: Path) -> None:
    with EmbeddedBroker.open(keyed.data, durable=False) as broker:
        broker.topics.create("headed")
        headers = [(("trace", b"a"), ("trace", b"\xff")), None, {"é": b""}]
        broker.log.append("headed", record_batch([b"1", b"2", b"3"], headers=headers, timestamps=STAMP))
    shown = ("consume", "headed", "-B", "-d")
    lines = b"1: trace=a, trace=\xff\n2: \n3: \xc3\xa9=\n"
    assert keyed.ok(*shown, "-F", "{{value}}: {{headers}}").out == lines
    as_json = keyed.ok(*shown, "-O", "json").out
    assert [json.loads(line).get("headers") for line in as_json.splitlines()] == [
        [{"name": "trace", "value": "a"}, {"name": "trace", "value_base64": "/w=="}],
        None,
        [{"name": "é", "value": ""}],
    ]
    saved = tmp_path / "lines"
    saved.write_bytes(as_json)
    keyed.ok("produce", "again", "--create", "--json", saved)
    assert keyed.ok("consume", "again", "-B", "-d", "-O", "json").out == as_json


def test_raw_prints_only_values(keyed: InProcess) -> None:
    assert printed(keyed, "-O", "raw") == b"one\xff\n2"


def test_table_has_one_line_per_record(keyed: InProcess) -> None:
    assert [line.split() for line in printed(keyed, "-O", "table").decode().splitlines()] == [
        ["PARTITION", "OFFSET", "TIME", "KEY", "VALUE"],
        ["1", "0", "2021-02-03T04:05:06.789Z", "k", "one"],
        ["1", "1", "2021-02-03T04:05:06.789Z", "null"],
        ["1", "2", "2021-02-03T04:05:06.789Z", r"\xfe", r"\xff\n2"],
    ]


def test_statistics_on_request(keyed: InProcess) -> None:
    err = keyed.ok("consume", "logs", "-B", "-n", "2", "-d", "--stats").err
    assert err.startswith("fluvio-tui: 2 records, 2 passed, 0 faults, ")


@pytest.mark.parametrize(
    ("options", "error"),
    [
        (["-F", "{{value}}", "-k"], "-F and -k"),
        (["-O", "json", "-k"], "-O and -k"),
        (["-F", "{{vlaue}}"], "{{vlaue}}"),
        (["-F", "%o %k"], "-F '%o %k' names no field: use {{key}}"),
        (["-F", "{{value.a..b}}"], "invalid path 'a..b'"),
        (["-O", "csv", "--columns", "vlaue"], "unknown field 'vlaue' in --columns"),
        (["-O", "csv", "--columns", "time,a.ms"], "a field of the value is value.a.ms"),
        (["-F", "{{ms}}"], "a field of the value is {{value.ms}}"),
        (["--columns", "value"], "--columns needs -O csv"),
    ],
)
def test_contradicting_layouts_are_wrong_usage(here: InProcess, options: Sequence[str], error: str) -> None:
    outcome = here.run("consume", "logs", *options)
    assert (outcome.status, outcome.out) == (2, b"")
    assert error in outcome.err


def test_tombstones_round_trip(program: Program, here: InProcess, tmp_path: Path) -> None:
    with EmbeddedBroker.open(program.data, durable=False) as broker:
        broker.topics.create("logs")
        broker.log.append("logs", record_batch([b"a", None, b""], keys=[b"1", b"2", None], timestamps=STAMP))
    assert printed(here) == b"a\n\n\n"
    assert printed(here, "-O", "raw") == b"a"
    assert printed(here, "-F", "{{key}}={{value}}") == b"1=a\n2=null\nnull=\n"
    assert b" 2     null\n" in printed(here, "-O", "table")
    as_json = printed(here, "-O", "json")
    assert [json.loads(line)["value"] for line in as_json.splitlines()] == ["a", None, ""]
    (tmp_path / "lines").write_bytes(as_json)
    here.ok("produce", "again", "--create", "--json", tmp_path / "lines")
    assert here.ok("consume", "again", "-B", "-d", "-O", "json").out == as_json
