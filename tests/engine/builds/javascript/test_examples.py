"""The examples in JavaScript give what those in Rust give."""

from pathlib import Path

import pytest

from tests.engine.builds.interpreted_examples import Examples, check_saves
from tests.engine.builds.javascript.conftest import Build
from tests.engine.builds.rust.test_examples import EXPECTED, OUTPUTS

EXAMPLES = Examples(folder="javascript", suffix=".js")


@pytest.mark.parametrize("name", EXPECTED)
def test_filter_gives_the_verdicts_of_the_one_in_rust(build_file: Build, name: str) -> None:
    EXAMPLES.check_filter(build_file, name)


@pytest.mark.parametrize("name", OUTPUTS)
def test_other_kind_makes_what_the_one_in_rust_makes(build_file: Build, name: str) -> None:
    EXAMPLES.check_outputs(build_file, name)


def test_each_example_in_rust_has_one_in_javascript() -> None:
    EXAMPLES.check_all_are_there()


@pytest.mark.usefixtures("build_file")
def test_each_save_is_built_and_a_mistake_keeps_no_version(tmp_path: Path) -> None:
    saves = (
        b"export const filter = () => true",
        b"export const filter = () =>",
        b"export const filter = () => false",
    )
    check_saves(tmp_path / "saved.js", saves)
