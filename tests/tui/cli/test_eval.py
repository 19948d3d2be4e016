import json
from pathlib import Path

import pytest

from tests.engine.runtime.wat_guests import by_hand, guest, when
from tests.engine.runtime.wat_makers import INIT, LOOK_BACK, TEXT, aggregate, maker
from tests.tui.cli.conftest import Outcome, Program


def evaluated(program: Program, *arguments: str | Path, lines: bytes) -> list[dict[str, object]]:
    outcome = program.ok("eval", *arguments, "-O", "json", stdin=lines)
    return [json.loads(line) for line in outcome.out.splitlines()]


def module(program: Program, name: str, wasm: bytes) -> Path:
    path = program.cwd / f"{name}.wasm"
    path.write_bytes(wasm)
    return path


def asserts_refused(outcome: Outcome, *texts: str) -> None:
    assert outcome.status == 2
    for text in texts:
        assert text in outcome.err
    assert "Traceback" not in outcome.err


def test_values_of_outputs_are_printed(program: Program) -> None:
    digits = module(program, "digits", by_hand("digit.wat"))
    outcome = program.ok("eval", "--module", digits, stdin=b"a1\nb\n2\n\nlast3")
    assert (outcome.out, outcome.err) == (b"a1\n2\nlast3\n", "")


def test_json_has_outputs_and_faults_in_the_order_of_the_input(program: Program) -> None:
    several = module(program, "several", maker("array_map"))
    found = evaluated(program, "--module", several, lines=b"a\ne\nm2\nt\nd\nb0")
    assert [(one["input"], one.get("value", one.get("status"))) for one in found] == [
        (0, "a"),
        (1, "error"),
        (2, "m2"),
        (2, "m2"),
        (3, "trap"),
        (5, ""),
    ]
    assert {key: found[0][key] for key in ("offset", "partition", "key")} == {
        "offset": 0,
        "partition": 0,
        "key": None,
    }
    assert found[1] == {"input": 1, "status": "error", "step": 0, "message": TEXT}


def test_inputs_without_an_output_print_faults_all_the_same(program: Program) -> None:
    failing = module(program, "failing", maker("map", "(unreachable)"))
    found = evaluated(program, "--module", failing, lines=b"a\nb\n")
    assert [(one["input"], one["status"]) for one in found] == [(0, "trap"), (1, "trap")]


def test_steps_are_applied_in_the_order_given(program: Program) -> None:
    several = module(program, "several", maker("array_map"))
    drops = module(program, "drops", guest(when("a", "(i32.const 0)")))
    total = module(program, "total", aggregate("append"))
    lines = b"m2\na\ne\nc\n"
    found = evaluated(
        program,
        "--module",
        several,
        "--module",
        total,
        "--aggregate-initial",
        ">",
        "--module",
        drops,
        lines=lines,
    )
    assert [(one["input"], one.get("value", one.get("status"))) for one in found] == [
        (0, ">m2"),
        (0, ">m2m2"),
        (1, ">m2m2a"),
        (2, "error"),
        (3, ">m2m2ac"),
    ]
    found = evaluated(program, "--module", drops, "--module", total, "--module", several, lines=lines)
    assert [(one["input"], one.get("value", one.get("step"))) for one in found] == [
        (0, "m2"),
        (0, "m2"),
        (2, 1),
        *[(3, "m2c")] * 2,
    ]


def test_json_input_keeps_keys_times_offsets_and_partitions(program: Program) -> None:
    same = module(program, "same", guest())
    records = [
        {"offset": 7, "partition": 1, "timestamp": 5, "key": "k", "value": "x"},
        {"partition": 1, "timestamp": 6, "value": None},
        {"offset": 3, "timestamp": 7, "key_base64": "/w==", "value": ""},
        {"offset": 3, "timestamp": 8, "value": "again"},
    ]
    lines = "\n".join(map(json.dumps, records)).encode()
    found = evaluated(program, "--json", "--module", same, lines=lines)
    assert found == [
        {"offset": 7, "partition": 1, "timestamp": 5, "key": "k", "value": "x", "input": 0},
        {"offset": 8, "partition": 1, "timestamp": 6, "key": None, "value": None, "input": 1},
        {"offset": 3, "partition": 0, "timestamp": 7, "key_base64": "/w==", "value": "", "input": 2},
        {"offset": 3, "partition": 0, "timestamp": 8, "key": None, "value": "again", "input": 3},
    ]


def test_line_that_is_no_record_is_named(program: Program) -> None:
    same = module(program, "same", maker("map"))
    outcome = program.run("eval", "--json", "--module", same, stdin=b'{"value": "a"}\n{"value": 1}\n')
    assert (outcome.status, outcome.out) == (1, b"a\n")
    assert "line 2 of standard input has a value that is not text" in outcome.err


def test_init_that_fails_ends_with_status_3(program: Program) -> None:
    says = "(call $write (local.get $header) (i32.const 0) (i32.const 1) (i32.const 0) (i32.const 7))"
    failing = module(program, "failing", maker("map", fields=INIT.format(f"{says} (i32.const 1)")))
    same = module(program, "same", maker("map"))
    arguments = ("eval", "--module", same, "--module", failing, "-e", "a=b")
    outcome = program.run(*arguments, "-O", "json", stdin=b"x\n")
    assert outcome.status == 3
    assert json.loads(outcome.out) == {"status": "init error", "step": 1, "message": TEXT}
    outcome = program.run(*arguments, stdin=b"x\n")
    assert (outcome.status, outcome.out) == (3, b"")
    assert f"init error: {TEXT}" in outcome.err


def test_look_back_sees_stored_records_before_the_input(program: Program) -> None:
    (program.cwd / "stored").write_bytes(b"eold\nb\nc\n")
    # The output's value is empty unless the module has seen records: then as long as their number.
    shows = maker("map", fields=LOOK_BACK)
    looks = module(program, "looks", shows)
    arguments = ("--module", looks, "--stored", "stored")
    found = evaluated(program, *arguments, "--look-back", "last=2,age=1h", lines=b"x\n")
    assert [(one["input"], one["offset"], one["value"]) for one in found] == [(0, 3, "x")]
    outcome = program.run("eval", *arguments, "--look-back", "last=3", "-O", "json", stdin=b"x\n")
    assert outcome.status == 3
    assert json.loads(outcome.out)["status"] == "look-back error"


def test_chain_comes_from_a_transforms_file(program: Program) -> None:
    module(program, "digits", by_hand("digit.wat"))
    module(program, "several", maker("array_map"))
    (program.cwd / "chain.yaml").write_text("transforms: [{module: several.wasm}, {module: digits.wasm}]")
    outcome = program.ok("eval", "--transforms-file", "chain.yaml", stdin=b"m2\nx\nd1\n")
    assert outcome.out == b"m2\nm2\n"
    (program.cwd / "empty.yaml").write_text("transforms:")
    assert program.ok("eval", "--transforms-file", "empty.yaml", stdin=b"m2\nx\n").out == b"m2\nx\n"


def test_chain_comes_from_lines_and_the_store(program: Program) -> None:
    program.ok("smartstream", "add", "digits", "--file", module(program, "digits", by_hand("digit.wat")))
    line = '{"uses": "group/digits@0.1.0"}'
    assert program.ok("eval", "--transforms-line", line, stdin=b"a\n1\n").out == b"1\n"
    assert program.ok("eval", "--use", "digits", stdin=b"a\n1\n").out == b"1\n"


def test_stop_ends_at_the_first_fault(program: Program) -> None:
    several = module(program, "several", maker("array_map"))
    outcome = program.run("eval", "--module", several, "--on-error", "stop", stdin=b"a\nb0\ne\nc\n")
    assert (outcome.status, outcome.out) == (1, b"a\n\n")
    assert f"stopped at the SmartStream's error on record 2: {TEXT}" in outcome.err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ([], "no SmartStream: add an expression or a file, --inline FILE"),
        (["true", "--transforms-line", "{}"], "it cannot be used with other steps"),
        (["-e", "a=b"], "no step to apply this to"),
        (["--use", "a", "--transforms-line", "{}"], "it cannot be used with other steps"),
        (["--transforms-file", "a", "--transforms-line", "{}"], "cannot be used together"),
        (["--use", "a", "-e", "b"], "invalid parameter 'b': use name=value"),
        (["--use", "a", "--look-back", "10"], "invalid look-back '10': use last=N, age=TIME or both"),
        (["--use", "a", "--look-back", "age=1"], "invalid duration '1'"),
    ],
)
def test_options_that_make_no_chain_are_refused(program: Program, arguments: list[str], problem: str) -> None:
    asserts_refused(program.run("eval", *arguments), problem)


@pytest.mark.cargo
@pytest.mark.parametrize(
    ("words", "printed"),
    [
        (["text.len() > 2"], b'{"a": {"b": 1}}\nhello\n'),
        (['record.json("a.b")'], b"1\n"),
        (['record.json("a.b").as_i64().map(|b| b + 1)'], b"2\n"),
        (['record.json("a.b").as_str().unwrap_or("?".into())'], b"?\n?\n?\n"),
        (['record.json("a.b") > 0'], b'{"a": {"b": 1}}\n'),
        (["text.to_uppercase()", "!text.starts_with('{')"], b"HELLO\nNO\n"),
        (["value.len()"], b"15\n5\n2\n"),
    ],
)
def test_expressions(program: Program, words: list[str], printed: bytes) -> None:
    assert program.ok("eval", *words, stdin=b'{"a": {"b": 1}}\nhello\nno\n').out == printed


def test_a_word_may_name_a_file(program: Program) -> None:
    digits = module(program, "digits", by_hand("digit.wat"))
    assert program.ok("eval", digits.name, stdin=b"a1\nb\n").out == b"a1\n"
    assert program.ok("eval", digits, "--module", digits, stdin=b"a1\nb\n").out == b"a1\n"
    outcome = program.run("eval", "digit.wasm", stdin=b"")
    assert (outcome.status, "did you mean digits.wasm?" in outcome.err) == (1, True)


@pytest.mark.cargo
def test_an_expression_that_does_not_build_is_shown(program: Program) -> None:
    outcome = program.run("eval", "text.len( > 2", stdin=b"a\n")
    assert outcome.status == 1
    place, _, line, caret, *_, last, remedy = outcome.err.splitlines()[1:]
    assert (place.strip(), line) == ("--> expression:1:15", "1 | text.len( > 2")
    assert caret.endswith("^")
    assert last == "fluvio-tui: the expression does not compile"
    assert remedy.startswith("it may use text, value (bytes) and record")


@pytest.mark.cargo
def test_a_fault_of_an_expression_is_at_a_place_in_it(program: Program) -> None:
    (found,) = evaluated(program, "value[9] > 1", lines=b"a")
    assert (found["status"], found["location"]) == ("trap", "expression:1:1")


@pytest.mark.cargo
def test_overflow_traps_unless_it_may_wrap(program: Program) -> None:
    (program.cwd / "sum.rs").write_text(
        "#[smartstream(map)]\nfn sum(value: &[u8]) -> u8 { value.iter().fold(0, |sum, byte| sum + byte) }\n"
    )
    (found,) = evaluated(program, "--inline", "sum.rs", lines=b"zzz")
    assert found["message"] == "attempt to add with overflow"
    (found,) = evaluated(program, "--inline", "sum.rs", "--overflow", "wrap", lines=b"zzz")
    assert found["value"] == "110"
