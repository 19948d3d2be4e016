"""What is written into a new file: it does in each language what it says."""

from pathlib import Path

import pytest

from engine.builds.languages import (
    language_of,
    write_field_filter,
    write_template,
    write_text_filter,
    write_types,
)
from engine.builds.rust.paths import examples_folder
from engine.errors import BuildError
from engine.records.verdicts import Verdict
from tests.engine.builds.build_once import build_once
from tests.engine.builds.interpreted.conftest import SUFFIXES
from tests.engine.conftest import evaluate_values

DROP, PASS = Verdict.DROP, Verdict.PASS
VALUE = b'{"a": {"b c": [null, 7]}, "text": "it\'s \\"q\\"", "on": true, "no": null}'
FIELDS = [
    (("a", "b c", 1), "7"),
    (("text",), '"it\'s \\"q\\""'),
    (("on",), "true"),
    (("no",), "null"),
    (("a",), "{}"),
]
every_suffix = pytest.mark.parametrize("suffix", SUFFIXES.values())


@pytest.fixture
def path(language: str, tmp_path: Path) -> Path:
    """Of a new file in the language."""
    return tmp_path / f"new{SUFFIXES[language]}"


def test_template_is_a_filter(path: Path) -> None:
    write_template(path)
    values = [b'{"status":"error"}', b'{"status":"ok"}', b"an error", b"nothing"]
    assert _verdicts(path, values) == [PASS, DROP, PASS, DROP]
    assert str(path) in path.read_text()
    assert language_of(path).doc_comment(path.read_text()).startswith("Passes errors")
    assert write_types(path).name in ("smartstream.d.ts", "smartstream.pyi")


@pytest.mark.parametrize(("field", "literal"), FIELDS)
def test_filter_by_a_field(path: Path, field: tuple[str | int, ...], literal: str) -> None:
    write_field_filter(path, field, literal)
    assert _verdicts(path, [VALUE, b"{}"]) == [PASS, DROP]


def test_filter_by_a_text(path: Path) -> None:
    write_text_filter(path, 'é "q"\n')
    assert _verdicts(path, ['an é "q"\n.'.encode(), b"none"]) == [PASS, DROP]


@every_suffix
def test_template_takes_no_crates(tmp_path: Path, suffix: str) -> None:
    with pytest.raises(BuildError, match="cannot use crates"):
        write_template(tmp_path / f"new{suffix}", {"regex": "1"})


@pytest.mark.parametrize("folder", SUFFIXES)
def test_each_example_says_what_it_does(folder: str) -> None:
    for path in (examples_folder() / folder).iterdir():
        assert language_of(path).doc_comment(path.read_text()).endswith("."), path


def _verdicts(path: Path, values: list[bytes]) -> list[int]:
    build = build_once(path)
    assert build.wasm is not None, build
    return list(evaluate_values(build.wasm, values).verdicts)
