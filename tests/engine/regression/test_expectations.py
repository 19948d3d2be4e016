"""Expectation files: what is written is read back, and what is none is refused by its line."""

import json
from pathlib import Path

import pytest

from engine.errors import CaseError, InputError
from engine.records.batch import Record
from engine.records.faults import Fault
from engine.records.verdicts import Verdict
from engine.regression.expectations import (
    ExpectationsError,
    case_line,
    expectations_of,
    pin_case,
    read_cases,
    update_cases,
    write_cases,
)
from engine.regression.trial import Case, Trial

RECORDS = [
    Record(0, 0, 1_700_000_000_000, None, b"plain"),
    Record(3, 7, -5, b"key", "ünïcode \n 🦀".encode()),
    Record(0, 1, 0, b"\xff", b"\xfe\x00", (("trace", b"\x80"), ("empty", b""))),
    Record(0, 2, 0, b"", b""),
]


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PENDING])
def test_written_cases_are_read_back(tmp_path: Path, verdict: Verdict) -> None:
    path = tmp_path / "f.jsonl"
    fault = Fault(0, verdict, "why") if verdict > Verdict.PASS else None
    write_cases(path, [Trial(Case(record), verdict, fault, (), 0.0) for record in RECORDS])
    assert list(read_cases(path)) == [Case(record, verdict) for record in RECORDS]
    assert path.read_text().count('"message": "why"') == (len(RECORDS) if fault else 0)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "is not JSON"),
        ("[]", "is not a JSON object"),
        ('{"value": "x"}', "has no verdict: use one of drop, pass, error, trap, timeout"),
        ('{"value": "x", "verdict": "pending"}', 'has an invalid verdict "pending": use one of drop'),
        ('{"value": "x", "verdict": ["pass"]}', 'has an invalid verdict ["pass"]: use one of drop'),
        ('{"verdict": "pass"}', "has no value"),
        ('{"value": "x", "verdict": "pass", "colour": 1}', "has an unknown field 'colour'"),
        ('{"value": "x", "verdict": "pass", "offset": -1}', "has an invalid offset: -1"),
    ],
)
def test_invalid_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f'{{"value": "good", "verdict": "pass"}}\n{line}\n')
    cases = read_cases(path)
    assert next(cases).record.value == b"good"
    with pytest.raises(InputError, match=r"line 2 of .*f.jsonl") as raised:
        next(cases)
    assert reason in raised.value.message


def test_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"value": "\xff", "verdict": "pass"}')
    with pytest.raises(InputError, match=r"line 1 .* is not JSON"):
        list(read_cases(tmp_path / "f"))


def test_pinning_again_replaces_the_case_only(tmp_path: Path) -> None:
    path = expectations_of(tmp_path / "f.rs")
    assert path == tmp_path / "f.expect.jsonl"
    by_hand = '{"verdict":"drop",\r "value":"by hand"}'
    path.write_text(f"{by_hand}\n")
    for count, record in enumerate(RECORDS, 2):
        assert pin_case(path, Case(record, Verdict.PASS)) == count
    before = path.read_bytes().split(b"\n")
    assert pin_case(path, Case(RECORDS[1], Verdict.TRAP), "why") == 5
    after = path.read_bytes().split(b"\n")
    assert [number for number in range(len(after)) if after[number] != before[number]] == [2]
    assert after[0] == by_hand.encode()
    assert [case.expected for case in read_cases(path)] == [
        Verdict.DROP,
        Verdict.PASS,
        Verdict.TRAP,
        Verdict.PASS,
        Verdict.PASS,
    ]
    assert list(tmp_path.iterdir()) == [path]


def test_pinning_leaves_one_case_of_a_record_that_was_there_twice(tmp_path: Path) -> None:
    path = tmp_path / "f.expect.jsonl"
    path.write_text(f"{case_line(Case(RECORDS[0], Verdict.PASS))}\n" * 3)
    assert pin_case(path, Case(RECORDS[0], Verdict.DROP)) == 1
    assert [case.expected for case in read_cases(path)] == [Verdict.DROP]


def test_pinning_without_final_newline_and_through_link(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text('{"value": "a", "verdict": "pass"}')
    (tmp_path / "f.expect.jsonl").symlink_to(tmp_path / "kept")
    assert pin_case(tmp_path / "f.expect.jsonl", Case(RECORDS[0], Verdict.PASS)) == 2
    assert len(list(read_cases(tmp_path / "kept"))) == 2


def test_failed_pin_leaves_file_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "f.expect.jsonl"
    path.write_text("notes\n")
    with pytest.raises(InputError, match=r"line 1 of .*f.expect.jsonl is not JSON"):
        pin_case(path, Case(RECORDS[0], Verdict.PASS))
    assert path.read_text() == "notes\n"
    with pytest.raises(ExpectationsError, match="cannot be written: No such file"):
        pin_case(tmp_path / "gone" / "f.expect.jsonl", Case(RECORDS[0], Verdict.PASS))


def test_outputs_and_parameters_are_kept(tmp_path: Path) -> None:
    path = tmp_path / "f.expect.jsonl"
    outputs = ((None, b"a"), (b"\xff", None), (b"", b"\x00\xfe"))
    for case in (
        Case(RECORDS[0], Verdict.PASS, outputs, {"min": "5"}),
        Case(RECORDS[0], Verdict.DROP, ()),
        Case(RECORDS[0], Verdict.PASS, None, {"min": "6"}),
    ):
        pin_case(path, case)
        assert list(read_cases(path))[-1] == case
    assert len(list(read_cases(path))) == 3
    assert pin_case(path, Case(RECORDS[0], Verdict.PASS, (), {"min": "5"})) == 3


@pytest.mark.parametrize(
    ("field", "problem"),
    [
        ({"outputs": {"value": "a"}}, "outputs that are not a list"),
        ({"outputs": ["a"]}, "outputs that are not a list"),
        ({"outputs": [{"value": 1}]}, "value that is not text"),
        ({"with": ["a"]}, "parameters that are not text"),
        ({"with": {"a": 1}}, "parameters that are not text"),
    ],
)
def test_invalid_outputs_and_parameters_are_named(
    tmp_path: Path, field: dict[str, object], problem: str
) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(json.dumps({"value": "a", "verdict": "pass", **field}))
    with pytest.raises(CaseError, match=f"line 1 of .*{problem}"):
        list(read_cases(path))


def test_update_changes_only_what_is_not_as_expected(tmp_path: Path) -> None:
    path = tmp_path / "f.jsonl"
    kept = '{"verdict":  "pass", "value": "a"}'
    path.write_text(
        f'{kept}\n{{"value": "b", "verdict": "pass", "outputs": [{{"value": "x"}}]}}\n'
        '{"value": "c", "verdict": "trap", "message": "old"}\n'
    )
    link = tmp_path / "link.jsonl"
    link.symlink_to(path)
    verdicts = [Verdict.PASS, Verdict.ERROR, Verdict.DROP]
    trials = [
        Trial(case, verdict, Fault(0, verdict, "why") if verdict > Verdict.PASS else None, (), 0.0)
        for case, verdict in zip(read_cases(path), verdicts, strict=True)
    ]
    assert update_cases(link, trials) == 2
    first, *changed = path.read_text().splitlines()
    assert first == kept
    assert [json.loads(line) for line in changed] == [
        {"value": "b", "verdict": "error", "message": "why"},
        {"value": "c", "verdict": "drop"},
    ]
    assert link.is_symlink()
