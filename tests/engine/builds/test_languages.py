"""Languages, without a toolchain."""

from pathlib import Path

import pytest

from engine.builds.languages import expression_file, expression_in, without_our_files
from engine.builds.rust.language import Rust


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("FLUVIO_TUI_CACHE", str(tmp_path))
    return tmp_path


def test_an_expression_has_a_file_of_its_own_lines(cache: Path) -> None:
    source = expression_file("text.len() > 2")
    expression = expression_in(source)
    assert expression is not None and source.is_relative_to(cache)
    assert expression.read_text() == "text.len() > 2\n"
    assert f'include!("{expression.name}")' in source.read_text()
    assert expression_in(cache / "filter.rs") is None


def test_statements_are_one_expression() -> None:
    assert Rust().expression("let n = 2; text.len() > n // long", "f", condition=True)[1] == (
        "{ let n = 2; text.len() > n // long\n}\n"
    )


def test_places_in_an_expression_are_named_without_its_file(cache: Path) -> None:
    source = expression_file("text.len() > 2")
    assert without_our_files(f"at {expression_in(source)}:1:5, {cache}/f.rs:3") == (
        f"at expression:1:5, {cache}/f.rs:3"
    )
    assert without_our_files(f"::: {source}:5:1") == "::: around the expression:5:1"
