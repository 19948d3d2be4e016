"""`produce` with SmartStreams: their outputs are appended."""

import json
from pathlib import Path

import pytest

from tests.engine.runtime.wat_guests import by_hand
from tests.engine.runtime.wat_makers import LOOK_BACK, TEXT, aggregate, maker
from tests.tui.cli.conftest import Program


@pytest.fixture
def modules(program: Program) -> Path:
    made = {
        "digits": by_hand("digit.wat"),
        "several": maker("array_map"),
        "total": aggregate("append"),
        "looks": maker("map", fields=LOOK_BACK),
    }
    return program.write_modules(made)


def stored(program: Program) -> list[tuple[str | None, str]]:
    lines = program.ok("consume", "tp1", "-B", "-d", "-O", "json").out.splitlines()
    return [(one["key"], one["value"]) for one in map(json.loads, lines)]


@pytest.mark.usefixtures("modules")
def test_outputs_are_appended_with_the_keys_of_their_records(program: Program) -> None:
    chain = ["--module", "several.wasm", "--module", "digits.wasm"]
    lines = b"a:m2\nb:x\nc:e\nd:m1\n"
    outcome = program.ok("produce", "tp1", "--create", "--key-separator", ":", *chain, stdin=lines)
    assert stored(program) == [("a", "m2"), ("a", "m2"), ("d", "m1")]
    assert "3 records (6 B) acknowledged" in outcome.err
    assert f"error on a record for partition 0: {TEXT}" in outcome.err
    assert "1 record left out because a SmartStream failed on it: 1 error" in outcome.err


@pytest.mark.usefixtures("modules")
def test_stop_appends_nothing_of_a_request_that_fails(program: Program) -> None:
    program.topic("tp1")
    outcome = program.run(
        "produce", "tp1", "--module", "several.wasm", "--on-error", "stop", stdin=b"a\nb0\ne\nc\n"
    )
    assert outcome.status == 1
    assert f"error on record 3 for partition 0: {TEXT}" in outcome.err
    assert stored(program) == []


@pytest.mark.usefixtures("modules")
def test_aggregate_goes_on_from_request_to_request(program: Program) -> None:
    program.topic("tp1")
    lines = b"".join(b"x" * 1000 + b"\n" for _ in range(2100))
    program.ok("produce", "tp1", "--module", "total.wasm", "--output-size", "8MiB", stdin=lines[: 1001 * 40])
    assert [len(value) for _, value in stored(program)] == [1000 * (i + 1) for i in range(40)]


@pytest.mark.usefixtures("modules")
def test_look_back_sees_what_the_topic_holds(program: Program) -> None:
    program.topic("tp1", b"e")
    arguments = ["produce", "tp1", "--module", "looks.wasm", "--look-back", "last=1"]
    outcome = program.run(*arguments, stdin=b"a\n")
    assert outcome.status == 1
    assert f"look-back error: {TEXT}" in outcome.err


def test_error_policy_needs_a_smartstream(program: Program) -> None:
    program.topic("tp1")
    outcome = program.run("produce", "tp1", "--on-error", "stop", stdin=b"a\n")
    assert outcome.status == 2
    assert "--on-error needs a SmartStream" in outcome.err
