"""`consume` with chains, of modules written by hand."""

import json
from pathlib import Path

import pytest

from engine.consumer.chain_file import ChainFileError
from tests.engine.runtime.wat_guests import by_hand, guest, when
from tests.engine.runtime.wat_makers import INIT, LOOK_BACK, TEXT, aggregate, maker
from tests.tui.cli.conftest import InProcess, Program, read_until
from tui.cli.options.panes import panes_typed


@pytest.fixture
def modules(program: Program) -> Path:
    made = {
        "digits": by_hand("digit.wat"),
        "several": maker("array_map"),
        "total": aggregate("append"),
        "no_a": guest(when("a", "(i32.const 0)")),
        "looks": maker("map", fields=LOOK_BACK),
        "refuses": maker("map", fields=INIT.format("(i32.const 1)")),
    }
    return program.write_modules(made)


@pytest.mark.usefixtures("modules")
def test_outputs_have_the_offset_of_their_record(program: Program) -> None:
    program.topic("tp1", b"m2", b"a", b"e", b"m0", b"c")
    chain = ["--module", "several.wasm", "--module", "no_a.wasm"]
    outcome = program.ok("consume", "tp1", "smartstream", *chain, "-B", "-d", "-O", "json")
    found = [json.loads(line) for line in outcome.out.splitlines()]
    assert [(one["offset"], one["value"]) for one in found] == [(0, "m2"), (0, "m2"), (4, "c")]
    assert f"error on offset 2 of partition 0: {TEXT}" in outcome.err


@pytest.mark.usefixtures("modules")
def test_aggregate_goes_on_from_what_is_asked_for(program: Program) -> None:
    program.topic("tp1", b"x", b"e", b"y")
    outcome = program.ok("consume", "tp1", "--module", "total.wasm", "--aggregate-initial", "0", "-B", "-d")
    assert outcome.out == b"0x\n0xy\n"


@pytest.mark.cargo
@pytest.mark.usefixtures("modules")
def test_condition_is_a_step(program: Program) -> None:
    program.topic("tp1", b"m2", b"m3", b"c")
    steps = ["--module", "several.wasm", "--where", "text.ends_with('2')"]
    assert program.ok("consume", "tp1", *steps, "-B", "-d").out == b"m2\nm2\n"
    outcome = program.run("consume", "tp1", "--where", "text.ends_with('2')", "--watch")
    assert (outcome.status, "--watch is for --inline" in outcome.err) == (2, True)
    outcome = program.run("consume", "tp1", "--where", "text.len()", "-B", "-d")
    assert (outcome.status, outcome.out) == (1, b"")
    assert "expected `bool`, found `usize`" in outcome.err


@pytest.mark.usefixtures("modules")
def test_number_of_records_counts_outputs(program: Program) -> None:
    program.topic("tp1", b"m2", b"m3")
    assert program.ok("consume", "tp1", "--module", "several.wasm", "-B", "-n", "3").out == b"m2\nm2\nm3\n"


@pytest.mark.usefixtures("modules")
def test_transforms_file_names_stored_smartstreams(program: Program) -> None:
    program.topic("tp1", b"m2", b"x")
    program.ok("smartstream", "add", "several", "--file", "several.wasm")
    (program.cwd / "chain.yaml").write_text(
        "transforms: [{uses: several}, {uses: several}, {module: digits.wasm}]"
    )
    assert program.ok("consume", "tp1", "-t", "chain.yaml", "-B", "-d").out == b"m2\n" * 4


@pytest.mark.usefixtures("modules")
def test_look_back_sees_the_records_before_the_start(program: Program) -> None:
    program.topic("tp1", b"e", b"b", b"c", b"d")
    look_back = ["consume", "tp1", "--module", "looks.wasm", "--look-back"]
    assert program.ok(*look_back, "last=2", "--start", "3", "-d").out == b"d\n"
    outcome = program.run(*look_back, "last=9", "--start", "3", "-d")
    assert (outcome.status, outcome.out) == (1, b"")
    assert f"look-back error: {TEXT}" in outcome.err


@pytest.mark.usefixtures("modules")
def test_init_that_fails_consumes_nothing(program: Program) -> None:
    program.topic("tp1", b"a")
    outcome = program.run("consume", "tp1", "--module", "refuses.wasm", "-e", "k=v", "-B", "-d", "-c", "c1")
    assert (outcome.status, outcome.out) == (1, b"")
    assert "init error" in outcome.err
    assert "c1" not in program.ok("consumer", "list").out.decode()


@pytest.mark.usefixtures("modules")
def test_each_step_of_a_chain_is_replaced_alone(program: Program) -> None:
    program.topic("tp1", b"m2")
    program.ok("smartstream", "add", "several", "--file", "several.wasm")
    program.ok("smartstream", "add", "picks", "--file", "no_a.wasm")
    process = program.start("consume", "tp1", "--use", "several", "--use", "picks", "-B")
    assert read_until(process.stdout, b"m2\nm2\n") == b"m2\nm2\n"
    program.ok("smartstream", "add", "picks", "--file", "digits.wasm")
    read_until(process.stderr, b"switched to the new version of SmartStream picks")
    program.append("tp1", b"x", b"m3")
    assert read_until(process.stdout, b"m3\nm3\nm3\n") == b"m3\nm3\nm3\n"


@pytest.mark.usefixtures("modules")
@pytest.mark.parametrize("step", ["module: gone.wasm", "inline: gone.rs"])
def test_step_whose_file_is_missing_is_named(program: Program, here: InProcess, step: str) -> None:
    program.topic("tp1", b"a")
    (program.cwd / "chain.yaml").write_text(f"transforms: [{{module: digits.wasm}}, {{{step}}}]")
    for words in (["consume", "tp1", "-t"], ["eval", "-t"], ["smartstream", "test", "--text", "a"]):
        outcome = here.run(*words, program.cwd / "chain.yaml")
        assert outcome.status == 1
        assert "chain.yaml, step 2: no file" in outcome.err
        assert "relative to the folder of the transforms file" in outcome.err
    with pytest.raises(ChainFileError, match="step 2: no file"):
        panes_typed(["tp1"], ["chains"], {"chains": [str(program.cwd / "chain.yaml")]})


@pytest.mark.usefixtures("modules")
def test_step_that_cannot_start_has_a_remedy(program: Program) -> None:
    program.topic("tp1", b"a")
    outcome = program.run("consume", "tp1", "--module", "refuses.wasm", "-B", "-d")
    assert "refuses.wasm: init error: " in outcome.err
    assert "check its parameters, e.g. -e NAME=VALUE" in outcome.err
