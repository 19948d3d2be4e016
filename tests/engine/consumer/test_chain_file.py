from pathlib import Path

import pytest

from engine.consumer.chain_file import ChainFileError, parse_chain_line, read_chain_file
from engine.consumer.step import InlineFile, ModuleFile, Step, StoredName
from engine.runtime.config import LookBack


def read(tmp_path: Path, text: str) -> tuple[Step, ...]:
    path = tmp_path / "transforms.yaml"
    path.write_text(text)
    return read_chain_file(path)


def test_step_needs_only_uses(tmp_path: Path) -> None:
    assert read(tmp_path, "transforms:\n  - uses: sf1\n") == (Step(source=StoredName(name="sf1")),)


@pytest.mark.parametrize("name", ["group/sf1@0.1.0", "group/sf1", "sf1@0.1.0"])
def test_group_and_version_of_a_hub_name_are_ignored(tmp_path: Path, name: str) -> None:
    (step,) = read(tmp_path, f"transforms: [{{uses: {name}}}]")
    assert step.source == StoredName(name="sf1")


def test_files_are_relative_to_the_chain_file(tmp_path: Path) -> None:
    first, second = read(tmp_path, "transforms: [{inline: a.rs}, {module: b.wasm}]")
    assert first.source == InlineFile(path=tmp_path / "a.rs")
    assert second.source == ModuleFile(path=tmp_path / "b.wasm")


def test_text_lists_and_mappings_become_parameters(tmp_path: Path) -> None:
    (step,) = read(
        tmp_path,
        """\
        transforms:
          - uses: sf1
            invoke: ignored
            with:
              key: text
              day: 2021-02-03
              word: yes
              quoted: "1"
              spec: [1, {x: true, a: "é"}]
        """,
    )
    assert step.params == {
        "key": "text",
        "day": "2021-02-03",
        "word": "yes",
        "quoted": "1",
        "spec": '[1,{"a":"é","x":true}]',
    }


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("{last: 10}", LookBack(last=10)),
        ("{age: 1h 30m}", LookBack(age_ms=5_400_000)),
        ("{last: 3, age: 2s}", LookBack(last=3, age_ms=2000)),
        ("{last: 0, age: 2s}", LookBack(age_ms=2000)),
        ("{}", LookBack(last=0)),
    ],
)
def test_look_back_by_count_and_age(tmp_path: Path, written: str, expected: LookBack) -> None:
    (step,) = read(tmp_path, f"transforms: [{{uses: sf1, lookback: {written}}}]")
    assert step.look_back == expected


@pytest.mark.parametrize("text", ["transforms:", "transforms: []"])
def test_chain_may_be_empty(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text) == ()


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "has no list of transforms"),
        ("steps: []", "has no list of transforms"),
        ("transforms: {uses: a}", "transforms is not a list"),
        ("transforms: [a]", "step 1 is not a mapping"),
        ("transforms: [{uses: a}, {with: {}}]", "step 2 has no 'uses'"),
        ("transforms: [{uses: a, inline: b.rs}]", "step 1 has uses and inline"),
        ("transforms: [{uses: 1}]", "step 1: uses is not text"),
        ("transforms: [{uses: a, with: {n: 1}}]", "step 1: parameter n is a number, not text"),
        ("transforms: [{uses: a, with: {n: 1.5}}]", "step 1: parameter n is a number, not text"),
        ("transforms: [{uses: a, with: {n: true}}]", "step 1: parameter n is a boolean, not text"),
        ("transforms: [{uses: a, with: {n: null}}]", "step 1: parameter n is null, not text"),
        ("transforms: [{uses: a, with: {n: }}]", "step 1: parameter n is null, not text"),
        ("transforms: [{uses: a, with: {1: x}}]", "step 1: the parameter name 1 is not text"),
        ("transforms: [{uses: a, with: [x]}]", "step 1: with is not a mapping"),
        ("transforms: [{uses: a, lookback: 3}]", "step 1: lookback is not a mapping"),
        ("transforms: [{uses: a, lookback: {last: -1}}]", "step 1: lookback.last is not a count: -1"),
        ("transforms: [{uses: a, lookback: {last: x}}]", "step 1: lookback.last is not a count: x"),
        ("transforms: [{uses: a, lookback: {age: 30}}]", "step 1: lookback.age: invalid duration '30'"),
        ("transforms: [\n", "line 2 is not YAML"),
        ("transforms: \x00", "is not YAML"),
        pytest.param("[" * 5000, "is not YAML", id="deep"),
    ],
)
def test_mistakes_name_the_step(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(ChainFileError) as caught:
        read(tmp_path, text)
    assert problem in caught.value.message
    assert str(tmp_path / "transforms.yaml") in caught.value.message


def test_line_is_one_step() -> None:
    step = parse_chain_line('{"uses": "sf1", "with": {"k": "v"}, "lookback": {"last": 2}}')
    assert step == Step(source=StoredName(name="sf1"), params={"k": "v"}, look_back=LookBack(last=2))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("uses: sf1", "is not JSON"),
        ('[{"uses": "sf1"}]', "has several steps"),
        ('{"transforms": []}', "has several steps"),
        ('"sf1"', "is not a mapping"),
        ('{"uses": "sf1", "with": {"n": 1}}', "parameter n is a number, not text"),
        ("[" * 100_000, "is not JSON"),
    ],
)
def test_mistakes_in_a_line_quote_it(text: str, problem: str) -> None:
    with pytest.raises(ChainFileError) as caught:
        parse_chain_line(text)
    assert problem in caught.value.message
