"""Reading a filter's file without the compiler."""

from pathlib import Path

import pytest

from engine.builds.rust.source import functions, inner_attributes_end
from engine.builds.source_file import read_source
from engine.errors import BuildError


@pytest.mark.parametrize(
    ("attributes", "rest"),
    [
        ("", ""),
        ("", "fn f() {}"),
        ("", "/// outer\nfn f() {}"),
        ("", "// a comment\n#[derive(Debug)] struct S;"),
        ("", "/** outer */ fn f() {}"),
        ("//! inner", "\n//// a comment\n/// outer"),
        ("#![a]", " #[b] fn f() {}"),
        ('  // x\n#! [ doc = "]" ]\n/* /* */ */\n#![b(r#"]"]"#)]', "\nfn f() {}"),
        ("/*! inner /* deep */ */", " /**/ /***/ use x;"),
        ("#!/bin/sh", "\nfn f() {}"),
        ("#!/bin/sh\n#![a]", "\nfn f() {}"),
        ("", "#![unclosed\nfn f() {}"),
        ("", "/*! unclosed"),
    ],
)
def test_end_of_inner_attributes(attributes: str, rest: str) -> None:
    assert inner_attributes_end(attributes + rest) == len(attributes)


def test_functions_with_locations() -> None:
    text = "pub fn a() {}\n  fn bé(x: u8) {}\npub(in crate::x) fn c<T>() {}\nlet fnord;\n"
    assert functions(text) == [("a", 1, 8), ("bé", 2, 6), ("c", 3, 21)]


def test_unreadable_source_is_refused(tmp_path: Path) -> None:
    missing = tmp_path / "missing.rs"
    with pytest.raises(BuildError) as caught:
        read_source(missing)
    assert caught.value.message == f"{missing} does not exist"
    with pytest.raises(BuildError, match="is a folder, not a source file"):
        read_source(tmp_path)
    with pytest.raises(BuildError, match="is not a file that can be built"):
        read_source(Path("/dev/null"))
    with pytest.raises(BuildError, match="cannot be read: Not a directory"):
        read_source(Path("/dev/null/sf1.rs"))
    latin = tmp_path / "latin.rs"
    latin.write_bytes(b"// one\n// caf\xe9\n")
    with pytest.raises(BuildError, match="not UTF-8 text: see line 2"):
        read_source(latin)
    large = tmp_path / "large.rs"
    with large.open("wb") as file:
        file.truncate((16 << 20) + 1)
    with pytest.raises(BuildError, match=r"too large for a filter \(16 MiB\)"):
        read_source(large)
