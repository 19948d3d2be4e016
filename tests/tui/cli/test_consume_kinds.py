"""`consume` with SmartStreams that make records."""

import json

import pytest

from tests.engine.runtime.wat_makers import TEXT, aggregate, maker
from tests.tui.cli.conftest import Program


@pytest.fixture
def topic(program: Program) -> Program:
    modules = {"aggregate": aggregate("append"), **{kind: maker(kind) for kind in ("map", "array_map")}}
    for kind, wasm in modules.items():
        (program.cwd / f"{kind}.bin").write_bytes(wasm)
        program.ok("smartstream", "add", kind, "--file", f"{kind}.bin")
    program.topic("t", b"m2a", b"da", b"ea", b"m3b", b"ob")
    return program


def consumed(program: Program, kind: str, *options: str) -> list[str]:
    outcome = program.ok("consume", "t", "--use-filter", kind, "-B", "-d", *options)
    return outcome.out.decode().splitlines()


def test_outputs_are_printed(topic: Program) -> None:
    assert consumed(topic, "map") == ["m2a", "da", "m3b", "ob"]
    assert consumed(topic, "array_map") == ["m2a", "m2a", "m3b", "m3b", "m3b", "ob"]
    assert consumed(topic, "aggregate") == ["m2a", "m2ada", "m2adam3b", "m2adam3bob"]


def test_a_count_is_one_of_outputs(topic: Program) -> None:
    assert consumed(topic, "array_map", "-n", "4") == ["m2a", "m2a", "m3b", "m3b"]


def test_json_has_the_offsets_of_inputs(topic: Program) -> None:
    objects = [json.loads(line) for line in consumed(topic, "array_map", "-O", "json")]
    assert [one["offset"] for one in objects] == [0, 0, 3, 3, 3, 4]
    assert objects[-1]["key"] == "o"


def test_failed_records_are_kept_as_they_are(topic: Program) -> None:
    lines = consumed(topic, "array_map", "--on-error", "keep", "-O", "json")
    objects = [json.loads(line) for line in lines]
    assert [(one["offset"], one["value"], one["verdict"]) for one in objects] == [
        *[(0, "m2a", "pass")] * 2,
        (2, "ea", "error"),
        *[(3, "m3b", "pass")] * 3,
        (4, "ob", "pass"),
    ]
    assert objects[2]["message"] == TEXT


def test_stopping_at_an_error(topic: Program) -> None:
    outcome = topic.run("consume", "t", "--use-filter", "aggregate", "-B", "-d", "--on-error", "stop")
    assert outcome.status == 1
    assert outcome.out == b"m2a\nm2ada\n"


def test_statistics_count_outputs(topic: Program) -> None:
    outcome = topic.ok("consume", "t", "--use-filter", "array_map", "-B", "-d", "--stats", "json")
    counts = json.loads(outcome.err.splitlines()[-1])
    assert (counts["records"], counts["passed"], counts["dropped"], counts["printed"]) == (5, 3, 1, 6)
    assert counts["bytes_out"] == 2 * 3 + 3 * 3 + 3


def test_bounded_by_a_size(topic: Program) -> None:
    topic.append("t", b"b9")
    lines = consumed(topic, "map", "--output-size", "500KiB", "-n", "9")
    assert lines == ["m2a", "da", "m3b", "ob"]
