"""Files of records with the verdicts expected on them: a filter's regression test.

A JSON object a line, as `consume -O json` prints records, with the member `verdict` beside the others and,
for people to read, `message`.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from engine.errors import InputError
from engine.sources.json_lines import NotARecordError, object_of, record_of
from engine.trial import Case, Trial
from engine.verdicts import Verdict

_VERDICTS = {verdict.name.lower(): verdict for verdict in Verdict if verdict is not Verdict.PENDING}


def read_cases(path: Path) -> Iterator[Case]:
    """The cases in a file; `InputError` naming the first line that is none."""
    with path.open("rb") as file:
        for number, line in enumerate(file, 1):
            try:
                yield _case(line)
            except NotARecordError as error:
                raise InputError(
                    f"line {number:,} of {path} {error}",
                    "write such files with 'fluvio-tui smartstream test --record FILE'",
                ) from error


def write_cases(path: Path, trials: Iterable[Trial]) -> None:
    """Write what was said of records as what is expected from now on; the file is replaced."""
    path.write_text("".join(f"{case_line(trial)}\n" for trial in trials), encoding="utf-8")


def case_line(trial: Trial) -> str:
    """The line for a trial, without its end."""
    found = {**object_of(trial.case.record), "verdict": trial.verdict.name.lower()}
    if trial.fault is not None:
        found["message"] = trial.fault.message
    return json.dumps(found, ensure_ascii=False)


def _case(line: bytes) -> Case:
    try:
        found = json.loads(line.decode())
    except (ValueError, RecursionError) as error:
        raise NotARecordError(f"is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise NotARecordError("is not a JSON object")
    verdict = found.pop("verdict", None)
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        said = "has no verdict" if verdict is None else f"has the verdict {json.dumps(verdict)[:40]}"
        raise NotARecordError(f"{said}: there are {', '.join(_VERDICTS)}")
    return Case(record_of(found), _VERDICTS[verdict])
