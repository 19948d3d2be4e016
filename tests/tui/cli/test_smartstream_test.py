"""`smartstream test`: a verdict for each record, and a filter's regression test."""

import json
from pathlib import Path

import pytest

from engine.broker.sqlite.modules.folder import SmartStreamStore
from engine.library.modules import add_module
from tests.engine.live.evaluation.test_chains import PARAMS
from tests.engine.live.versions.test_output_log import FIRST
from tests.engine.runtime.wat_guests import by_hand, guest, when
from tests.engine.runtime.wat_makers import maker
from tests.tui.cli.conftest import Program
from tests.tui.cli.test_bad_input import assert_clear

CAREFUL = """
#[smartstream(filter)]
pub fn careful(record: &Record) -> Result<bool> {
    let text = str::from_utf8(record.value())?;
    println!("seen {text}");
    if text == "boom" { for _ in 0..9_000 { println!("line after line") } }
    assert!(text != "boom", "no {text} here");
    Ok(text.contains('1'))
}
"""


@pytest.fixture
def stored(program: Program) -> Program:
    add_module(SmartStreamStore(program.data), "digits", by_hand("digit.wat"), "f")
    return program


def trials(
    program: Program, *arguments: str | Path, status: int = 0, stdin: bytes = b""
) -> list[dict[str, object]]:
    outcome = program.run("smartstream", "test", *arguments, "-O", "json", stdin=stdin)
    assert outcome.status == status, outcome.err
    return [json.loads(line) for line in outcome.out.splitlines()]


@pytest.mark.cargo
def test_inline_filter_is_tested_recorded_and_compared(program: Program) -> None:
    source = program.cwd / "careful.rs"
    source.write_text(CAREFUL)
    (program.cwd / "lines").write_bytes(b"b2\n\xff\nboom\n")
    tried = ["smartstream", "test", "careful.rs", "--text", "a1", "--file", "lines"]
    outcome = program.run(*tried)
    assert outcome.status == 1
    lines = outcome.out.decode().splitlines()
    assert [line.split()[1] for line in lines if line[0] != " "] == ["pass", "drop", "error", "trap"]
    assert "    printed: seen a1" in lines
    assert f"    no boom here at {source}:7:5" in lines
    kept = sum(line.startswith("    printed: line") for line in lines)
    assert kept > 1_000
    assert f"    {9_000 - kept:,} log lines dropped" in lines
    assert any("invalid utf-8" in line.lower() or "Utf8Error" in line for line in lines)
    assert outcome.err.endswith("4 records: 1 pass, 1 drop, 1 error, 1 trap\n")

    program.ok(*tried, "--record", "careful.jsonl")
    compare = ("smartstream", "test", "careful.rs", "--expect", "careful.jsonl")
    assert program.ok(*compare).out == b""
    assert len(program.ok(*compare, "-v").out.splitlines()) > 4
    source.write_text(CAREFUL.replace("'1'", "'2'"))
    changed = program.run(*compare)
    assert changed.status == 1
    assert changed.out.decode().count("    expected ") == 2
    assert "2 mismatches" in changed.err
    assert b"not ok 1 - 0: a1" in program.run(*compare, "-O", "tap").out
    assert "2 cases of careful.jsonl updated" in program.ok(*compare, "--update").err
    assert program.ok(*compare).out == b""


def test_stored_smartstream_is_tested_on_texts_keys_and_lines(stored: Program) -> None:
    found = trials(
        stored, "digits", "--text", "a1", "--text", "b", "--file", "-", "--key", "k", stdin=b"c\n4\n"
    )
    assert [(one["offset"], one["value"], one["key"], one["verdict"]) for one in found] == [
        (0, "a1", "k", "pass"),
        (1, "b", "k", "drop"),
        (2, "c", "k", "drop"),
        (3, "4", "k", "pass"),
    ]
    assert all(type(one["nanoseconds"]) is int and one["nanoseconds"] > 0 for one in found)


def test_records_of_a_topic(stored: Program) -> None:
    stored.topic("tp1", *(b"%d" % number for number in range(150)))
    assert len(trials(stored, "digits", "--topic", "tp1")) == 100
    assert len(trials(stored, "digits", "--topic", "tp1", "-B")) == 150
    found = trials(stored, "digits", "--topic", "tp1", "-T", "2")
    assert [(one["offset"], one["value"]) for one in found] == [(148, "148"), (149, "149")]


def test_state_persists_between_records_and_timeout_affects_one(program: Program) -> None:
    spin = "(func $spin_for_ever (loop $again (br $again)))"
    wasm = guest(when("s", "(block (result i32) (call $spin_for_ever) (i32.const 1))"), fields=spin)
    add_module(SmartStreamStore(program.data), "slow", wasm, "f")
    found = trials(program, "slow", "--text", "a", "--text", "s", "--text", "b", status=1)
    assert [one["verdict"] for one in found] == ["pass", "timeout", "pass"]
    assert found[1]["message"] == "took longer than 250 ms"


def test_expected_fault_is_a_match(program: Program) -> None:
    add_module(SmartStreamStore(program.data), "traps", guest(when("t", "(unreachable)")), "f")
    trials(program, "traps", "--text", "t", "--text", "a", status=1)
    trials(program, "traps", "--text", "t", "--text", "a", "--record", "f.jsonl")
    found = trials(program, "traps", "--expect", "f.jsonl")
    assert [(one["verdict"], one["expected"]) for one in found] == [("trap", "trap"), ("pass", "pass")]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        ([], "no input: use --text"),
        (["--expect", "f", "--text", "a"], "--expect has its own records"),
        (["--expect", "f", "--topic", "a"], "--expect has its own records"),
        (["--key", "k", "--topic", "a"], "--key needs --text or --file"),
        (["--text", "a", "-B"], "-B and -T need a topic"),
        (["--topic", "a", "-B", "-T", "1"], "-B and -T cannot be used together"),
    ],
)
def test_contradicting_options_are_wrong_usage(stored: Program, arguments: list[str], reason: str) -> None:
    outcome = stored.run("smartstream", "test", "digits", *arguments)
    assert outcome.status == 2
    assert reason in outcome.err


def test_missing_inputs_are_named(stored: Program) -> None:
    (stored.cwd / "f").write_text("nonsense\n")
    assert_clear(stored.run("smartstream", "test", "digit", "--text", "a"), "did you mean 'digits'?")
    assert_clear(stored.run("smartstream", "test", "gone.rs", "--text", "a"), "filter gone.rs does not exist")
    assert_clear(
        stored.run("smartstream", "test", "digits", "--topic", "tp"), "there is no topic 'tp'", "topic list"
    )
    assert_clear(stored.run("smartstream", "test", "digits", "--expect", "f"), "line 1 of f is not JSON")


def test_outputs_are_shown_recorded_and_compared(program: Program) -> None:
    store = SmartStreamStore(program.data)
    add_module(store, "first", maker("map", FIRST), "first")
    add_module(store, "same", maker("map"), "same")
    add_module(store, "digits", by_hand("digit.wat"), "digits")
    lines = program.ok("smartstream", "test", "first", "--text", "xyz", "--record", "f.jsonl").out.decode()
    assert "    → x\n" in lines
    (case,) = map(json.loads, (program.cwd / "f.jsonl").read_text().splitlines())
    assert case["outputs"] == [{"key": None, "value": "x"}]
    assert program.ok("smartstream", "test", "first", "--expect", "f.jsonl")
    outcome = program.run("smartstream", "test", "same", "--expect", "f.jsonl")
    assert outcome.status == 1
    assert b"    expected \xe2\x86\x92 x\n" in outcome.out
    assert "1 mismatch" in outcome.err
    (program.cwd / "chain.yaml").write_text("transforms:\n  - uses: digits\n  - uses: first\n")
    found = trials(program, "chain.yaml", "--text", "a1", "--text", "b")
    assert [(one["verdict"], one["outputs"]) for one in found] == [
        ("pass", [{"key": None, "value": "a"}]),
        ("drop", None),
    ]


def test_parameters_are_given_and_kept_with_cases(program: Program) -> None:
    add_module(SmartStreamStore(program.data), "params", PARAMS, "params")
    (found,) = trials(program, "params", "-e", "unit=F", "--text", "a")
    assert "unitF" in json.dumps(found["outputs"]) or found["outputs"][0]["value_base64"]
    lines = [
        {"value": "a", "verdict": "pass", "with": {"unit": unit}, "outputs": found["outputs"]}
        for unit in "FC"
    ]
    (program.cwd / "p.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    outcome = program.run("smartstream", "test", "params", "--expect", "p.jsonl")
    assert "2 pass, 1 mismatch" in outcome.err, outcome.out
