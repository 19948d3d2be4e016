"""Files of records with their expected verdicts: a filter's regression test.

One JSON object per line, as `consume -O json` prints records, with a field `verdict` and, for readers,
`message`.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import CaseError, EngineError
from engine.files import replace_file
from engine.records.batch import Record
from engine.records.record_json import NotARecordError, json_object, object_of, record_of
from engine.records.verdicts import Verdict
from engine.regression.trial import Case, Trial

SUFFIX = ".expect.jsonl"
_VERDICTS = {verdict.name.lower(): verdict for verdict in Verdict if verdict is not Verdict.PENDING}


class ExpectationsError(EngineError):
    """A file of expectations cannot be written."""


def expectations_of(source: Path) -> Path:
    """The file of pinned cases, beside a filter's source."""
    return source.with_name(source.stem + SUFFIX)


def read_cases(path: Path) -> Iterator[Case]:
    """The cases in a file; `CaseError` naming the first invalid line."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _case(line)
            except NotARecordError as error:
                raise CaseError(f"line {number:,} of {path} {error}") from error


def write_cases(path: Path, trials: Iterable[Trial]) -> None:
    """Replace a file: the verdicts of these trials are expected from now on."""
    lines = (
        case_line(trial.case.record, trial.verdict, trial.fault.message if trial.fault else "") + "\n"
        for trial in trials
    )
    path.write_text("".join(lines), encoding="utf-8")


def pin_case(path: Path, record: Record, verdict: Verdict, message: str = "") -> int:
    """Add a record to a file, which may not exist yet, or replace its cases; returns the number of cases.

    `ExpectationsError` if the file cannot be read or written, `CaseError` if it has an invalid line.
    """
    try:
        # The target of a link is written, and the link stays.
        path = path.resolve()
        held = list(read_cases(path)) if path.exists() else []
        lines = path.read_bytes().removesuffix(b"\n").split(b"\n") if held else []
        first, *again = [number for number, case in enumerate(held) if case.record == record] or [len(held)]
        for number in reversed(again):
            del lines[number]
        lines[first : first + 1] = [case_line(record, verdict, message).encode()]
        replace_file(path, b"".join(line + b"\n" for line in lines))
    except OSError as error:
        raise ExpectationsError(
            f"{path} cannot be written: {error.strerror or error}",
            "check the permissions of the file and its folder",
        ) from error
    return len(lines)


def case_line(record: Record, verdict: Verdict, message: str = "") -> str:
    """The line for a record and its expected verdict, without a newline."""
    said = {"message": message} if message else {}
    return json.dumps({**object_of(record), "verdict": verdict.name.lower(), **said}, ensure_ascii=False)


def _case(line: bytes) -> Case:
    found = json_object(line)
    verdict = found.pop("verdict", None)
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        problem = "no verdict" if verdict is None else f"an invalid verdict {json.dumps(verdict)[:40]}"
        raise NotARecordError(f"has {problem}: use one of {', '.join(_VERDICTS)}")
    return Case(record_of(found), _VERDICTS[verdict])
