"""Files of records with their expected verdicts: a filter's regression test.

One JSON object per line, as `consume -O json` prints records, with a field `verdict` and, for readers,
`message`. A kind that makes records also has `outputs`, an aggregate also the `accumulator` that it continues
from, and what has parameters `with`.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from engine.errors import CaseError, EngineError
from engine.files import replace_file
from engine.records.record_json import (
    NotARecordError,
    content_object,
    content_of,
    json_object,
    object_of,
    output_object,
    output_of,
    record_of,
)
from engine.records.verdicts import Verdict
from engine.regression.trial import Case, Outputs, Trial

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
        case_line(
            replace(trial.case, expected=trial.verdict, outputs=trial.outputs),
            trial.fault.message if trial.fault else "",
        )
        + "\n"
        for trial in trials
    )
    path.write_text("".join(lines), encoding="utf-8")


def update_cases(path: Path, trials: Sequence[Trial]) -> int:
    """Let a file expect what these trials of its cases, in its order, came to; returns how many change.

    The lines of other cases, and the record of each case, stay as they are.
    """
    lines = path.read_bytes().removesuffix(b"\n").split(b"\n")
    changed = [number for number, trial in enumerate(trials) if not trial.as_expected]
    for number in changed:
        trial = trials[number]
        found = json_object(lines[number])
        for member in ("verdict", "outputs", "message"):
            found.pop(member, None)
        found["verdict"] = trial.verdict.name.lower()
        if trial.outputs is not None:
            found["outputs"] = [output_object(key, value) for key, value in trial.outputs]
        if trial.fault is not None:
            found["message"] = trial.fault.message
        lines[number] = json.dumps(found, ensure_ascii=False).encode()
    if changed:
        replace_file(path.resolve(), b"".join(line + b"\n" for line in lines))
    return len(changed)


def pin_case(path: Path, pinned: Case, message: str = "") -> int:
    """As `pin_cases`, for one."""
    return pin_cases(path, [(pinned, message)])


def pin_cases(path: Path, pinned: Sequence[tuple[Case, str]]) -> int:
    """Add cases with their messages to a file, which may not exist yet; returns the number of its cases.

    Those of the same record with the same parameters and accumulator are replaced.

    `ExpectationsError` if the file cannot be read or written, `CaseError` if it has an invalid line.
    """
    try:
        # The target of a link is written, and the link stays.
        path = path.resolve()
        held = list(read_cases(path)) if path.exists() else []
        lines = path.read_bytes().removesuffix(b"\n").split(b"\n") if held else []
        kept: dict[object, bytes] = {}
        again = {_key(case) for case, _ in pinned}
        for case, line in zip(held, lines, strict=True):
            # One that is not pinned again stays as it is, also if it is there twice.
            kept.setdefault(_key(case) if _key(case) in again else len(kept), line)
        for case, message in pinned:
            kept[_key(case)] = case_line(case, message).encode()
        replace_file(path, b"".join(line + b"\n" for line in kept.values()))
    except OSError as error:
        raise ExpectationsError(
            f"{path} cannot be written: {error.strerror or error}",
            "check the permissions of the file and its folder",
        ) from error
    return len(kept)


def case_line(case: Case, message: str = "") -> str:
    """The line for a case, which expects a verdict, without a newline."""
    assert case.expected is not None
    line: dict[str, object] = {**object_of(case.record), "verdict": case.expected.name.lower()}
    if case.outputs is not None:
        line["outputs"] = [output_object(key, value) for key, value in case.outputs]
    if case.accumulator is not None:
        line |= content_object("accumulator", case.accumulator)
    if case.params:
        line["with"] = dict(case.params)
    if message:
        line["message"] = message
    return json.dumps(line, ensure_ascii=False)


def _key(case: Case) -> tuple[object, ...]:
    """The same for cases that replace each other."""
    return case.record, tuple(sorted(case.params.items())), case.accumulator


def _case(line: bytes) -> Case:
    found = json_object(line)
    verdict = found.pop("verdict", None)
    if not isinstance(verdict, str) or verdict not in _VERDICTS:
        problem = "no verdict" if verdict is None else f"an invalid verdict {json.dumps(verdict)[:40]}"
        raise NotARecordError(f"has {problem}: use one of {', '.join(_VERDICTS)}")
    outputs, params = found.pop("outputs", None), found.pop("with", {})
    if not isinstance(params, dict) or not all(isinstance(value, str) for value in params.values()):
        raise NotARecordError('has parameters that are not text: use "with": {"name": "value"}')
    accumulator = content_of(found, "accumulator")
    for name in ("accumulator", "accumulator_base64"):
        found.pop(name, None)
    return Case(record_of(found), _VERDICTS[verdict], _outputs(outputs), params, accumulator)


def _outputs(listed: object) -> Outputs | None:
    if not isinstance(listed, list | None) or not all(isinstance(one, dict) for one in listed or ()):
        raise NotARecordError('has outputs that are not a list: use "outputs": [{"value": "text"}]')
    return None if listed is None else tuple(map(output_of, listed))
