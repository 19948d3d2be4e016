"""What `smartstream test` prints of trials, in each format."""

from xml.etree import ElementTree

import pytest

from engine.records.batch import Record
from engine.records.faults import Fault
from engine.records.verdicts import Verdict
from engine.regression.trial import Case, Trial
from tui.cli.output.trials import Failures, JUnit, Tap, TrialReport

HOSTILE = b'<a>&"\x00\x1b[31m\xff#1\n'


def trial(offset: int, verdict: Verdict, expected: Verdict | None = None, value: bytes = b"v") -> Trial:
    fault = Fault(0, verdict, 'no "disk"\nleft') if verdict > Verdict.PASS else None
    return Trial(Case(Record(0, offset, 0, None, value), expected), verdict, fault, (), 0.001)


TRIALS = [
    trial(0, Verdict.PASS, Verdict.PASS),
    trial(1, Verdict.DROP, Verdict.PASS, HOSTILE),
    trial(2, Verdict.TRAP, Verdict.DROP),
    trial(3, Verdict.TRAP, Verdict.TRAP),
]


def printed(report: TrialReport, capsys: pytest.CaptureFixture[str], trials: list[Trial]) -> str:
    for one in trials:
        report.add(one)
    report.end()
    return capsys.readouterr().out


def offsets(text: str) -> list[int]:
    return [int(line.split()[2]) for line in text.splitlines() if line[:1] not in (" ", "…")]


@pytest.mark.parametrize(
    ("most", "rest", "shown"),
    [(20, False, [1, 2]), (20, True, [1, 2, 0, 3]), (1, False, [1]), (0, False, [])],
)
def test_failures_come_first(
    most: int, rest: bool, shown: list[int], capsys: pytest.CaptureFixture[str]
) -> None:
    text = printed(Failures(most, rest=rest), capsys, TRIALS)
    assert offsets(text) == shown
    assert ("more: show them with --max 2" in text) == (most < 2)


def test_tap_has_a_line_for_each(capsys: pytest.CaptureFixture[str]) -> None:
    lines = printed(Tap(), capsys, TRIALS).splitlines()
    assert lines[0] == "TAP version 14"
    assert [line.split(" - ")[0] for line in lines if line[0] in "on"] == [
        "ok 1",
        "not ok 2",
        "not ok 3",
        "ok 4",
    ]
    assert lines[-1] == "1..4"
    # What comes after an unescaped # would be a directive.
    assert "\\#1" in next(line for line in lines if line.startswith("not ok 2"))
    assert lines.count("  ---") == lines.count("  ...") == 2


def test_junit_is_xml_whatever_values_hold(capsys: pytest.CaptureFixture[str]) -> None:
    suite = ElementTree.fromstring(printed(JUnit('a"<b.rs'), capsys, TRIALS).encode())[0]
    assert (suite.get("name"), suite.get("tests"), suite.get("failures")) == ('a"<b.rs', "4", "2")
    assert [case.find("failure") is not None for case in suite] == [False, True, True, False]
    failure = suite[2].find("failure")
    assert failure is not None
    assert 'no "disk"' in failure.get("message", "")
    assert "expected · drop" in failure.get("message", "")


@pytest.mark.parametrize("make", [Tap, lambda: JUnit("a")])
def test_without_expectations_a_fault_is_a_failure(
    make: type[Tap], capsys: pytest.CaptureFixture[str]
) -> None:
    report = make()
    text = printed(report, capsys, [trial(0, Verdict.DROP), trial(1, Verdict.ERROR)])
    assert text.count("not ok") + text.count("<failure") == 1
