"""Expectation files: what is written is read back, and what is none is refused by its line."""

from pathlib import Path

import pytest

from engine.errors import InputError
from engine.expectations import read_cases, write_cases
from engine.records import Record
from engine.trial import Case, Trial
from engine.verdicts import Fault, Verdict

RECORDS = [
    Record(0, 0, 1_700_000_000_000, None, b"plain"),
    Record(3, 7, -5, b"key", "ünïcode \n 🦀".encode()),
    Record(0, 1, 0, b"\xff", b"\xfe\x00", (("trace", b"\x80"), ("empty", b""))),
    Record(0, 2, 0, b"", b""),
]


@pytest.mark.parametrize("verdict", [verdict for verdict in Verdict if verdict is not Verdict.PENDING])
def test_what_is_written_is_read_back(tmp_path: Path, verdict: Verdict) -> None:
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
        ('{"value": "x"}', "has no verdict: there are drop, pass, error, trap, timeout"),
        ('{"value": "x", "verdict": "pending"}', 'has the verdict "pending": there are drop'),
        ('{"value": "x", "verdict": ["pass"]}', 'has the verdict ["pass"]: there are drop'),
        ('{"verdict": "pass"}', "has no value"),
        ('{"value": "x", "verdict": "pass", "colour": 1}', "has the member 'colour'"),
        ('{"value": "x", "verdict": "pass", "offset": -1}', "has an offset that is none: -1"),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str, reason: str) -> None:
    path = tmp_path / "f.jsonl"
    path.write_text(f'{{"value": "good", "verdict": "pass"}}\n{line}\n')
    cases = read_cases(path)
    assert next(cases).record.value == b"good"
    with pytest.raises(InputError, match=r"line 2 of .*f.jsonl") as raised:
        next(cases)
    assert reason in raised.value.message


def test_a_text_that_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").write_bytes(b'{"value": "\xff", "verdict": "pass"}')
    with pytest.raises(InputError, match=r"line 1 .* is not JSON"):
        list(read_cases(tmp_path / "f"))
