"""What is no filter, and how the compiler says so."""

import re
from pathlib import Path

import pytest

from engine.builds.build import BuildResult
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo

BODY = "(value: &[u8]) -> bool { value.is_empty() }"
TAKES = "a filter takes one argument: the value, `&[u8]`, or the whole record, `&Record`"
RETURNS = "a filter returns `bool` or `Result<bool>`"
SHAPE = "write a filter as `fn name(value: &[u8]) -> bool`"
ONLY_STD = "an inline filter has Rust's std and no other crate"


REFUSED = [
    ("#[smartstream(filter)]\nfn f(value: &str) -> bool { true }", TAKES, "&str)"),
    ("#[smartstream(filter)]\nfn f(value: Vec<u8>) -> bool { true }", TAKES, "Vec<u8>)"),
    ("#[smartstream(filter)]\nfn f(value: &mut [u8]) -> bool { true }", TAKES, "&mut [u8])"),
    ("#[smartstream(filter)]\nfn f(value: &Vec<u8>) -> bool { true }", TAKES, "&Vec<u8>)"),
    ("#[smartstream(filter)]\nfn f() -> bool { true }", TAKES, "() -> bool"),
    ("#[smartstream(filter)]\nfn f(a: &[u8], b: Option<(u8, u8)>) -> bool { true }", TAKES, "b: Option"),
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
    (f"#[smartstream(map)]\nfn f{BODY}", "expected `#[smartstream(filter)]`", "map)]"),
    (f"#[smartmodule(filter, params)]\nfn f{BODY}", "; parameters are not supported yet", ", params)]"),
    (f"#[smartstream]\nfn f{BODY}", "expected `#[smartstream(filter)]`", "#[smartstream]"),
    (f"#[wasm_bindgen]\nfn f{BODY}", 'expected `#[wasm_bindgen(type = "filter")]`', "#[wasm_bindgen]"),
    (f'#[wasm_bindgen(type="map")]\nfn f{BODY}', 'expected `#[wasm_bindgen(type = "filter")]`', 'type="map"'),
    (
        "struct E;\n#[smartstream(filter)]\nfn f(v: &[u8]) -> Result<bool, E> { Err(E) }",
        "Debug",
        "Result<bool",
    ),
    ("struct Record;\n#[smartstream(filter)]\nfn f(r: &Record) -> bool { true }", "Record", "Record)"),
    (f"use regex::Regex;\n#[smartstream(filter)]\nfn f{BODY}", f"regex … {ONLY_STD}", "regex::Regex;"),
    (f"extern crate serde;\n#[smartstream(filter)]\nfn f{BODY}", f"serde … {ONLY_STD}", "extern crate serde"),
    ("#[smartstream(filter)]\nfn f(v: &[u8]) -> bool { regex::a(v) }", f"regex … {ONLY_STD}", "regex::a(v)"),
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


def test_one_mistake_is_one_error(build_filter: BuildFilter) -> None:
    for answer in ("Result<bool, E>", "Result<()>", "u8"):
        build = build_filter(f"struct E;\n#[smartstream(filter)]\nfn f(_: &[u8]) -> {answer} {{ loop {{}} }}")
        errors = [diagnostic for diagnostic in build.diagnostics if diagnostic.level == "error"]
        assert len(errors) == 1, errors


def test_two_filters_are_both_named(build_filter: BuildFilter) -> None:
    source = f"""\
#[smartstream(filter)]
fn first{BODY}

#[smartmodule(filter)]
pub fn second(record: &Record) -> bool {{ record.key().is_none() }}
"""
    build = build_filter(source)
    said, there = first_error(build)
    assert said == "two filters in one file, and a file has one: `first` on line 2 and `second` on line 5"
    assert there.startswith("second(record")
    assert "OnlyOneFilterInAFile" not in build.diagnostics[0].rendered


def test_two_filters_in_modules(build_filter: BuildFilter) -> None:
    filters = (f"mod {name} {{ #[crate::smartstream(filter)] fn f{BODY} }}" for name in "ab")
    said, _ = first_error(build_filter("\n".join(filters)))
    assert "two filters in this file" in said


@pytest.mark.parametrize(
    ("source", "named", "place"),
    [
        (f"fn helper() {{}}\npub fn wanted{BODY}", "`helper` on line 1 or `wanted` on line 2", "helper"),
        ("const NOTHING: u8 = 0;", "no filter in sf1.rs", "const"),
    ],
)
def test_no_filter(build_filter: BuildFilter, source: str, named: str, place: str) -> None:
    said, there = first_error(build_filter(source))
    assert "write `#[smartstream(filter)]` above the function" in said
    assert named in said
    assert there.startswith(place)


def test_other_kinds_are_refused_by_name(build_filter: BuildFilter) -> None:
    kinds = ["map", "filter_map", "array_map", "aggregate", "look_back", "init"]
    build = build_filter("\n".join(f"#[smartmodule({kind})]\nfn {kind}{BODY}" for kind in kinds))
    known = "expected `#[smartmodule(filter)]`: filters are the only kind so far"
    errors = [diagnostic for diagnostic in build.diagnostics if diagnostic.is_error]
    assert [error.message for error in errors] == [
        *(f"{known}; `{kind}` is not supported yet" for kind in kinds[:-1]),
        f"{known}; `init` and parameters are not supported yet",
    ]
    places = [(error.location.line, error.location.column) for error in errors if error.location]
    assert places == [(line, 15) for line in range(1, 12, 2)]


def test_missing_parts_of_fluvio_sdk_get_a_note(build_filter: BuildFilter) -> None:
    source = f"""\
use fluvio_smartmodule::{{smartmodule, Result, dataplane::smartmodule::SmartModuleExtraParams}};

#[smartmodule(init)]
fn init(_: SmartModuleExtraParams) -> Result<()> {{ Ok(()) }}

#[smartmodule(filter)]
fn f{BODY}
"""
    build = build_filter(source)
    said, there = first_error(build)
    assert "`init` and parameters are not supported yet" in said
    assert there.startswith("init)]")
    assert "dataplane" in build.diagnostics[1].message
    assert "parameters, maps, aggregates are not supported yet" in build.diagnostics[1].message
    said, there = first_error(
        build_filter("use fluvio_smartstream::SmartOpt;\n#[derive(SmartOpt)] struct S;")
    )
    assert "`fluvio_smartstream` has what filters need" in said
    assert there.startswith("fluvio_smartstream::SmartOpt")


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
