"""How `consume` prints records."""

import json
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


def test_template_without_fields_prints_one_line_per_record(keyed: InProcess) -> None:
    assert printed(keyed, "-F", "tick") == b"tick\n" * 3


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
