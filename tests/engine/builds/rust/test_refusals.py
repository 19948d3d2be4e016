"""What is no filter, and how the compiler says so."""

import re
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo

BODY = "(value: &[u8]) -> bool { value.is_empty() }"
TAKES = "a filter takes the value, `&[u8]` or `&str`, or the whole record, `&Record`"
RETURNS = "a filter returns `bool` or `Result<bool>`"
SHAPE = "write a filter as `fn name(value: &[u8]) -> bool`"
KINDS = "there are filter, map, filter_map, array_map, aggregate, init, look_back"
FM = "#[smartstream(filter_map)]\n"
SUM = "#[smartstream(aggregate)]\n"
ONLY_STD = "is a crate: let the file begin with the lines `---`, `dependencies."


REFUSED = [
    ("#[smartstream(filter)]\nfn f(value: Vec<u8>) -> bool { true }", TAKES, "Vec<u8>)"),
    ("#[smartstream(filter)]\nfn f(value: &mut [u8]) -> bool { true }", TAKES, "&mut [u8])"),
    ("#[smartstream(filter)]\nfn f(value: &Vec<u8>) -> bool { true }", TAKES, "&Vec<u8>)"),
    ("#[smartstream(filter)]\nfn f() -> bool { true }", TAKES, "() -> bool"),
    ("#[smartstream(filter)]\nfn f(a: &[u8], b: Option<(u8, u8)>) -> bool { true }", TAKES, "Option"),
    ("#[smartstream(filter)]\nfn f(value: &[u8]) { }", f"{RETURNS} … returns nothing", "(value: &[u8]) { }"),
    ("#[smartstream(filter)]\nfn f(value: &[u8]) -> u8 { 1 }", RETURNS, "u8 { 1 }"),
    ("#[smartstream(filter)]\nfn f(value: &[u8]) -> Option<bool> { None }", RETURNS, "Option<bool>"),
    ("#[smartstream(filter)]\nfn f(value: &[u8]) -> Result<()> { Ok(()) }", RETURNS, "Result<()>"),
    ("#[smartstream(filter)]\nfn f(value: &[u8]) -> (bool, u8) { (true, 1) }", RETURNS, "(bool, u8)"),
    (f"#[smartstream(filter)]\npub async fn f{BODY}", "cannot be `async`", "async fn"),
    (f"#[smartstream(filter)]\nunsafe fn f{BODY}", "cannot be `unsafe`", "unsafe fn"),
    (f"#[smartstream(filter)]\nfn f<T>{BODY}", f"cannot be generic: {SHAPE}", "T>("),
    ("struct S;\nimpl S {\n#[smartstream(filter)]\nfn f(&self) -> bool { true } }", "not a method", "&self"),
    (f"struct S;\nimpl S {{\n#[smartstream(filter)]\nfn f{BODY} }}", "a function of its own", "f(value"),
    ("#[smartstream(filter)]\npub struct S;", f"only a function can be a filter: {SHAPE}", "struct S;"),
    (
        "#[smartstream(filter)]\nfn f(v: &[u8], o: &u8) -> bool { true }",
        "what the file's `init` returns",
        "&u8)",
    ),
    ("#[smartstream(init)]\nfn f(v: &str) -> Result<()> { Ok(()) }", "an init takes `&Params`", "&str)"),
    ("#[smartstream(init)]\nfn f(p: &Params) -> u8 { 1 }", "an init returns a `Result`", "u8 {"),
    (
        f"#[smartmodule(filter, params)]\nfn f{BODY}",
        "with `params` a filter takes one more",
        "(value: &[u8]) ->",
    ),
    ("#[smartstream(init)]\nfn f() {}", "an init takes the parameters", "() {}"),
    ("#[smartstream(look_back)]\nfn f(v: &str) -> u8 { 1 }", "a look_back returns", "u8 {"),
    (f"#[smartstream(join)]\nfn f{BODY}", f"`#[smartstream(filter)]`: {KINDS}", "join)]"),
    (f"#[smartmodule(filter map)]\nfn f{BODY}", f"`#[smartmodule(filter)]`: {KINDS}", "filter map)]"),
    (f"#[smartstream]\nfn f{BODY}", "`#[smartstream(filter)]`", "#[smartstream]"),
    (f"#[wasm_bindgen]\nfn f{BODY}", '`#[wasm_bindgen(type = "filter")]`', "#[wasm_bindgen]"),
    (f'#[wasm_bindgen(type="join")]\nfn f{BODY}', '`#[wasm_bindgen(type = "filter")]`', 'type="join"'),
    ("#[smartstream(map)]\nfn f() -> u8 { 1 }", "a map takes the value", "() -> u8"),
    ("#[smartstream(map)]\nfn f(a: &[u8], b: u8) -> u8 { 1 }", "what `init` returns", "u8) ->"),
    ("#[smartstream(map)]\nfn f(value: &[u8]) { }", "a map returns … returns nothing", "(value: &[u8]) { }"),
    ("#[smartstream(map)]\nfn f(v: &[u8]) -> Option<u8> { None }", "a value", "Option<u8>"),
    (
        "#[smartstream(map)]\nfn f(v: &[u8]) -> Result<()> { Ok(()) }",
        "a map returns a value or",
        "Result<()>",
    ),
    (f"{FM}fn f(v: &[u8]) -> u8 {{ 1 }}", "a filter_map returns an `Option`", "u8 {"),
    (f"{FM}fn f(v: &[u8]) -> Option<Vec<u16>> {{ None }}", "a value is text", "Option<Vec<u16>>"),
    ("#[smartstream(array_map)]\nfn f(v: &str) -> String { v.into() }", "returns a `Vec`", "String {"),
    (
        "#[smartstream(aggregate)]\nfn f(value: &str) -> i64 { 1 }",
        "takes its value so far",
        "(value: &str) ->",
    ),
    (f"{SUM}fn f(a: Option<u8>, v: &str) -> u8 {{ 1 }}", "an aggregate's value is", "Option<u8>, v"),
    (f"{SUM}fn f(a: u8, v: &str) -> Vec<u16> {{ vec![] }}", "value", "Vec<u16>"),
    (f"{SUM}fn f(a: u8, v: u8) -> u8 {{ 1 }}", "an aggregate takes its value so far", "u8) ->"),
    (
        "struct E;\n#[smartstream(filter)]\nfn f(v: &[u8]) -> Result<bool, E> { Err(E) }",
        "Debug",
        "Result<bool",
    ),
    ("struct Record;\n#[smartstream(filter)]\nfn f(r: &Record) -> bool { true }", "Record", "Record)"),
    (f"use regex::Regex;\n#[smartstream(filter)]\nfn f{BODY}", f"regex … {ONLY_STD}", "regex::Regex;"),
    (f"extern crate serde;\n#[smartstream(filter)]\nfn f{BODY}", f"serde … {ONLY_STD}", "extern crate serde"),
    ("#[smartstream(filter)]\nfn f(v: &[u8]) -> bool { regex::a(v) }", f"regex … {ONLY_STD}", "regex::a(v)"),
    (
        "auto trait Later {}\n#[smartstream(filter)]\nfn f(v: &[u8]) -> bool { true }",
        "(your Rust, which `fluvio-tui doctor` names, does not have this … https://rustup.rs)",
        "auto trait",
    ),
    (
        '#[smartstream(map)]\nfn f(r: &Record) -> String { r.json("a").as_str().unwrap_or("?").into() }',
        'mismatched types … `.unwrap_or("?".into())`',
        '"?")',
    ),
    ("#[smartstream(filter)]\nfn f(v: &[u8]) -> bool { v.all() }", "no method named `all`", "all() }"),
    ("#[smartstream(filter)]\nfn f(v: &[u8]) -> bool { true", "unclosed delimiter", ""),
]
"""Source, parts of the first error's message, and the text at its place."""


def first_error(build: BuildResult) -> tuple[str, str]:
    """The message of the first error, and the text of the file from its place to the end of the line."""
    assert not build.ready
    assert build.error is None, build.error
    assert build.wasm is None
    error = build.diagnostics[0]
    assert error.level == "error"
    assert error.location is not None, error.rendered
    assert error.location.path == str(build.path)
    line = build.path.read_text().splitlines()[error.location.line - 1]
    assert f"{error.location.line}" in error.rendered
    return error.message, line[error.location.column - 1 :]


@pytest.mark.parametrize(("source", "message", "place"), REFUSED)
def test_compile_error_has_message_and_location(
    build_filter: BuildFilter, source: str, message: str, place: str
) -> None:
    build = build_filter(source)
    said, there = first_error(build)
    assert all(part in said for part in message.split(" … ")), said
    assert there.startswith(place)


@pytest.mark.parametrize(
    ("kind", "signature"),
    [
        ("filter", "(_: &[u8]) -> Result<bool, E>"),
        ("filter", "(_: &[u8]) -> Result<()>"),
        ("filter", "(_: &[u8]) -> u8"),
        ("map", "(_: &[u8]) -> E"),
        ("map", "(_: &E) -> u8"),
        ("map", "(_: &[u8]) -> Result<String, E>"),
        ("filter_map", "(_: &[u8]) -> Result<Option<E>>"),
        ("array_map", "(_: &[u8]) -> Vec<E>"),
        ("aggregate", "(_: E, _: &[u8]) -> u8"),
        ("aggregate", "(_: u8, _: &[u8]) -> E"),
        ("init", "(_: &Params) -> Result<(), E>"),
        ("init", "(_: &E)"),
        ("look_back", "(_: &Record) -> bool"),
    ],
)
def test_one_mistake_is_one_error(build_filter: BuildFilter, kind: str, signature: str) -> None:
    build = build_filter(f"struct E;\n#[smartstream({kind})]\nfn f{signature} {{ loop {{}} }}")
    errors = [diagnostic for diagnostic in build.diagnostics if diagnostic.level == "error"]
    assert len(errors) == 1, errors
    assert errors[0].location
    assert errors[0].location.line == 3


@pytest.mark.parametrize("role", ["init", "look_back"])
def test_two_of_what_accompanies_a_kind(build_filter: BuildFilter, role: str) -> None:
    taken = "&Params" if role == "init" else "&[u8]"
    two = "\n".join(f"#[smartstream({role})]\nfn {name}(_: {taken}) {{}}" for name in ("first", "second"))
    said, there = first_error(build_filter(two))
    assert said == f"two {role}s in one file, and a file has one: `first` on line 2 and `second` on line 4"
    assert there.startswith("second(")


def test_two_kinds_are_both_named(build_filter: BuildFilter) -> None:
    source = f"""\
#[smartstream(filter)]
fn first{BODY}

#[smartmodule(map)]
pub fn second(record: &Record) -> bool {{ record.key().is_none() }}
"""
    build = build_filter(source)
    said, there = first_error(build)
    assert said == "two kinds in one file, and a file has one: `first` on line 2 and `second` on line 5"
    assert there.startswith("second(record")
    assert "OnlyOneKindInAFile" not in build.diagnostics[0].rendered


def test_two_kinds_in_modules(build_filter: BuildFilter) -> None:
    kinds = (f"mod {kind} {{ #[crate::smartstream({kind})] fn f{BODY} }}" for kind in ("filter", "map"))
    said, _ = first_error(build_filter("\n".join(kinds)))
    assert "two kinds in this file" in said


@pytest.mark.parametrize(
    ("source", "named", "place"),
    [
        (f"fn helper() {{}}\npub fn wanted{BODY}", "`helper` on line 1 or `wanted` on line 2", "helper"),
        ("const NOTHING: u8 = 0;", "no SmartStream in sf1.rs", "const"),
    ],
)
def test_no_kind(build_filter: BuildFilter, source: str, named: str, place: str) -> None:
    said, there = first_error(build_filter(source))
    assert "write its kind above the function, e.g. `#[smartstream(filter)]`" in said
    assert named in said
    assert there.startswith(place)


def test_missing_parts_of_fluvio_sdk_get_a_note(build_filter: BuildFilter) -> None:
    said, there = first_error(build_filter("use fluvio_smartstream::Unheard;\nfn f(_: Unheard) {}"))
    assert "`fluvio_smartstream` has what SmartStreams need" in said
    assert there.startswith("fluvio_smartstream::Unheard")


def test_empty_file(build_filter: BuildFilter, tmp_path: Path) -> None:
    build = build_filter("")
    assert not build.ready
    assert str(build.diagnostics[0].location) == f"{tmp_path}/sf1.rs:1:1"


def test_colours_of_rustc_are_kept(build_filter: BuildFilter) -> None:
    build = build_filter("#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { value.is_emty() }")
    error = build.diagnostics[0]
    assert error.code == "E0599"
    assert "\x1b[" in error.rendered
    plain = re.sub(r"\x1b\[[0-9;]*m", "", error.rendered)
    assert f"--> {build.path}:2:36" in plain
    assert "is_empty" in plain


def test_warnings_come_with_a_ready_build(build_filter: BuildFilter) -> None:
    build = build_filter(
        "fn spare() {}\n#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { let x = 1; true }"
    )
    assert build.ready
    assert {diagnostic.level for diagnostic in build.diagnostics} == {"warning"}
    assert len(build.diagnostics) == 3
    assert all(diagnostic.location is not None for diagnostic in build.diagnostics)


def test_errors_come_before_warnings(build_filter: BuildFilter) -> None:
    build = build_filter("#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { let x = 1; return 7; }")
    levels = [diagnostic.level for diagnostic in build.diagnostics]
    assert levels == sorted(levels)
    assert levels[0] == "error"


def test_error_in_macro_is_located_at_its_use(build_filter: BuildFilter) -> None:
    build = build_filter('#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { println!("{}"); true }')
    said, there = first_error(build)
    assert "positional argument" in said
    assert there.startswith(('"{}"', "{}"))
