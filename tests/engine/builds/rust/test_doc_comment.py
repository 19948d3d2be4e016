"""What a filter's source says about it."""

import pytest

from engine.builds.rust.doc_comment import doc_comment
from engine.builds.rust.paths import examples_folder

FILTER = "pub fn f(value: &[u8]) -> bool { true }\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (f"/// Above.\n#[smartstream(filter)]\n{FILTER}", "Above."),
        (f'#[wasm_bindgen(type="filter")]\n/// Below.\n{FILTER}', "Below."),
        (
            f"/// One.\n///\n///   two\n#[inline]\n#[smartmodule(filter)]\n/// Three.\n{FILTER}",
            "One.\n\n  two\nThree.",
        ),
        (f"//! The file.\n//! More.\n\n#[smartstream(filter)]\n{FILTER}", "The file.\nMore."),
        (f"//! The file.\n\n/// It.\n#[smartstream(filter)]\n{FILTER}", "It."),
        (f"/// Another.\nconst X: u8 = 1;\n\n#[smartstream(filter)]\n{FILTER}", ""),
        (f"// No doc.\n//// Nor this.\n#[smartstream(filter)]\n{FILTER}", ""),
        (f"/// Grüße\r\n#[fluvio_smartmodule::smartmodule(filter)]\r\n{FILTER}", "Grüße"),
        ("", ""),
        ("/// Nothing follows", ""),
    ],
)
def test_doc_comment_is_that_of_filter_or_file(text: str, said: str) -> None:
    assert doc_comment(text) == said


def test_every_example_has_a_doc_comment() -> None:
    said = {path.stem: doc_comment(path.read_text()) for path in examples_folder().glob("*.rs")}
    assert said["has_number"] == "Filter to check if the message contains a number"
    assert said["above"].startswith("Passes orders of at least an amount")
    assert said["new_cities"] == "Passes the first record of each city."
    assert all(said.values())
