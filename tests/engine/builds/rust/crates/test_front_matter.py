"""Reading a file's front matter."""

import pytest

from engine.builds.rust.crates.front_matter import FrontMatterError, blanked, read_front_matter

REFUSED = [
    ("---\n[dependencies]\nx = \n---\n", "invalid front matter: Invalid value", 3),
    ("---\n[dependencies\n---\n", "invalid front matter: Expected ']'", 2),
    ("---\nx = " + "[" * 100_000 + "\n---\n", "it is nested too deeply", 1),
    ("---\n[dependencies]\n", "the front matter has no end: write `---` below it", 1),
    ("#!x\n----\n[dependencies]\n---\n", "write `----` below it", 2),
    ("--- toml\n---\n", "the front matter is a manifest of cargo's, not 'toml'", 1),
    ("---\n\n[profile.release]\n---\n", "`profile` is not supported here", 3),
    ("---\n[dependencies]\nx='1'\n[build-dependencies]\ny='1'\n---\n", "`build-dependencies` is not", 4),
    ("---\ndependencies = 3\n---\n", "`dependencies` is a table: write [dependencies]", 2),
    ("---\n[package]\nname = 'x'\n---\n", "`name` is not supported in [package]", 3),
    ("---\n[package]\nedition = '2015'\n---\n", 'unknown edition "2015": use "2018", "2021", "2024"', 3),
    ("---\npackage.edition = 2021\n---\n", "unknown edition 2021", 2),
    ("---\n[dependencies]\ny = '1'\nx = 1\n---\n", 'the version of `x` is text: write x = "1"', 4),
    ("---\n[dependencies]\nx = {}\n---\n", '`x` has no version: write x = "1"', 3),
    ("---\n[dependencies]\nx = { path = '..' }\n---\n", "`path` of `x` is not supported", 3),
    ("---\n[dependencies.x]\ngit = 'https://example.com'\n---\n", "`git` of `x` is not supported", 2),
    ("---\n[dependencies]\nx = { version = '1', features = 'a' }\n---\n", "invalid `features` of `x`", 3),
    ("---\n[dependencies]\nx = { version = '1', features = [1] }\n---\n", "invalid `features` of `x`", 3),
    ("---\n[dependencies]\n'../x' = '1'\n---\n", "invalid name of a crate '../x'", 3),
]


@pytest.mark.parametrize(("text", "message", "line"), REFUSED)
def test_what_is_refused_has_its_place(text: str, message: str, line: int) -> None:
    with pytest.raises(FrontMatterError) as refused:
        read_front_matter(text)
    assert message in refused.value.message
    assert refused.value.line == line


@pytest.mark.parametrize(
    "text", ["", "fn f() {}\n---\n", "#![allow(x)]\n---\n---\n", "//! ---\n", "--\n--\n", " ---\n---\n"]
)
def test_files_without_one(text: str) -> None:
    assert read_front_matter(text).end == 0


SPELLINGS = [
    '---\n[dependencies]\nb = "1"\na = { version = "2", features = ["y", "x"] }\n---\n',
    '\ufeff---cargo\n[dependencies]\na = { features = ["x", "y", "x"], version = "2" }\n'
    'b.version = "1"\n---\n',
    '#!/usr/bin/env x\n\n----  cargo  \n[dependencies.a]\nversion = "2"\n'
    'features = ["x", "y"]\n[dependencies.b]\nversion = "1"\n----\n',
    '---\r\n[dependencies]\r\nb = "1"\r\na = { version = "2", features = ["y", "x"] }\r\n---\r\n',
]


@pytest.mark.parametrize("text", SPELLINGS)
def test_spellings_of_the_same_are_one(text: str) -> None:
    front = read_front_matter(f"{text}fn f() {{}}\n---\n")
    assert front.dependencies == ('a = { features = ["x", "y"], version = "2" }\nb = { version = "1" }\n')
    assert text[: front.end].endswith("---" if "\r" not in text else "---\r")
    assert not text[front.end :].strip()


def test_edition() -> None:
    assert read_front_matter("---\n[package]\nedition = '2018'\n---\n").edition == "2018"
    assert read_front_matter("---\n---\n").edition == "2021"


def test_blanks_keep_lines_and_columns() -> None:
    text = '\ufeff---\r\n[dependencies]\né = "1"\n---\nfn f() {}'
    end = text.index("fn")
    assert blanked(text, end) == "\ufeff   \r\n              \n       \n   \nfn f() {}"
