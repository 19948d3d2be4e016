"""What is accepted as a filter, and what it says of records."""

from pathlib import Path

import pytest

from engine.records.verdicts import Verdict
from tests.engine.conftest import BuildFilter, EvaluateFilter

pytestmark = pytest.mark.cargo

DROP, PASS, ERROR = Verdict.DROP, Verdict.PASS, Verdict.ERROR

ANNOUNCED = """\
#[wasm_bindgen(type="filter")]
/// Filter to check if the message contains a number
pub fn has_number(value: &[u8]) -> bool {
    let message = str::from_utf8(value).unwrap();
    return !message.chars().all(char::is_numeric);
}
"""


def test_announced_file_compiles_unchanged(evaluate_filter: EvaluateFilter) -> None:
    evaluation = evaluate_filter(ANNOUNCED, [b"abc", b"123", b"abc123", b"", "٣".encode(), b"1 2"])
    assert list(evaluation.verdicts) == [PASS, DROP, PASS, DROP, DROP, PASS]
    assert evaluation.faults == ()


def test_ready_build_has_no_warnings_of_ours(build_filter: BuildFilter) -> None:
    build = build_filter(ANNOUNCED)
    assert (build.ready, build.version, build.trigger) == (True, 1, "first build")
    assert build.diagnostics == ()
    assert build.error is None
    assert build.seconds is not None


@pytest.mark.parametrize(
    "filter_",
    [
        "#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { value.len() > 2 }",
        "#[smartmodule(filter)]\npub fn f(value: &[u8]) -> Result<bool> { Ok(value.len() > 2) }",
        "#[smartmodule(filter)]\npub fn f(record: &Record) -> bool { record.value().len() > 2 }",
        "#[smartstream(filter)]\npub(crate) fn f(r: &Record) -> Result<bool> { Ok(r.value().len() > 2) }",
        "/// Long.\n#[smartstream(filter)]\n#[inline]\nfn f<'a>(mut value: &'a [u8],) -> bool where "
        "{ value = &value[..]; value.len() > 2 }",
        '#[wasm_bindgen(type = "filter")]\nfn f(v: &[u8]) -> Result<bool, String> { Ok(v.len() > 2) }',
        "#[smartstream(filter)]\nfn f(v: &[u8]) -> std::io::Result<bool> { Ok(v.len() > 2) }",
        "#[smartstream(filter)]\nfn f(r: &crate::Record) -> ::std::result::Result<bool, std::fmt::Error> "
        "{ Ok(r.value().len() > 2) }",
        "type Answer = Result<bool>;\n#[smartstream(filter)]\nfn f(v: &[u8]) -> Answer { Ok(v.len() > 2) }",
        "mod inner {\n    use super::*;\n    #[smartstream(filter)]\n    fn f(value: &[u8]) -> bool "
        "{ value.len() > 2 }\n}",
        "#[global_allocator]\nstatic OWN: std::alloc::System = std::alloc::System;\n#[smartstream(filter)]\n"
        "fn f(value: &[u8]) -> bool { Vec::from(value).len() > 2 }",
        '#[smartstream(filter)]\nconst extern "C" fn f(value: &[u8]) -> bool { value.len() > 2 }',
    ],
)
def test_signatures(evaluate_filter: EvaluateFilter, filter_: str) -> None:
    evaluation = evaluate_filter(filter_, [b"abc", b"ab", b"", b"abcd"])
    assert list(evaluation.verdicts) == [PASS, DROP, DROP, PASS]


def test_helpers_uses_constants_and_modules(evaluate_filter: EvaluateFilter, tmp_path: Path) -> None:
    (tmp_path / "words.rs").write_text('pub fn third() -> &\'static str { "three" }\n')
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "mod.rs").write_text("pub mod er;\n")
    (tmp_path / "deep" / "er.rs").write_text('pub const FOURTH: &str = include_str!("four.txt");\n')
    (tmp_path / "deep" / "four.txt").write_text("four")
    source = """
    use std::collections::HashSet;
    use std::str;

    const FIRST: &str = "one";
    mod words;
    mod deep;
    mod inner {
        pub fn second() -> String { crate::helper("two") }
    }

    fn helper(word: &str) -> String { word.to_owned() }

    #[smartstream(filter)]
    fn known(value: &[u8]) -> bool {
        let mut known = HashSet::new();
        known.extend([FIRST.to_owned(), inner::second(), words::third().into(), deep::er::FOURTH.into()]);
        known.contains(str::from_utf8(value).unwrap_or(""))
    }
    """
    evaluation = evaluate_filter(source, [b"one", b"two", b"three", b"four", b"five", b"\xff"])
    assert list(evaluation.verdicts) == [PASS] * 4 + [DROP] * 2


def test_own_names_do_not_clash(build_filter: BuildFilter) -> None:
    source = """
    #![allow(dead_code)]
    mod guest {} mod core {} mod prelude {} mod fluvio_tui_guest {}
    struct Error; struct Ok; enum Result { A }
    fn log() {} fn evaluate() {} fn argument() {} fn alloc() {}
    macro_rules! dbg { () => { 1 } }

    #[smartstream(filter)]
    fn smartstream_filter(value: &[u8]) -> bool { value.len() == dbg!() }
    """
    build = build_filter(source)
    assert build.ready, build
    assert build.diagnostics == ()


def test_record_knows_partition_and_offset(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn tell(record: &Record) -> Result<bool> {
        let key = record.key().map(|key| str::from_utf8(key).unwrap().to_string());
        Err(format!("{:?} {:?} {} {}", key, record.value(), record.offset(), record.timestamp()).into())
    }
    """
    keys = [b"a", None, b"", b"long key", None, None, None, None, None, b"ninth"]
    evaluation = evaluate_filter(source, [bytes([n]) * (n % 3) for n in range(10)], keys)
    assert list(evaluation.verdicts) == [ERROR] * 10
    assert [fault.message for fault in evaluation.faults] == [
        f"{_debug(key)} {list(bytes([n]) * (n % 3))} {100 + n} {1000 + n}" for n, key in enumerate(keys)
    ]


def test_records_without_key(evaluate_filter: EvaluateFilter) -> None:
    source = "#[smartstream(filter)] fn f(record: &Record) -> bool { record.key().is_none() }"
    assert list(evaluate_filter(source, [b"a", b"b"]).verdicts) == [PASS, PASS]


def test_state_is_kept_from_record_to_record(evaluate_filter: EvaluateFilter) -> None:
    source = """
    use std::sync::atomic::{AtomicU32, Ordering};
    static SEEN: AtomicU32 = AtomicU32::new(0);

    #[smartstream(filter)]
    fn every_third(_: &[u8]) -> bool { SEEN.fetch_add(1, Ordering::Relaxed) % 3 == 2 }
    """
    assert list(evaluate_filter(source, [b"x"] * 7).verdicts) == [DROP, DROP, PASS] * 2 + [DROP]


@pytest.mark.parametrize(
    "opening",
    [
        "//! Says what it is for.\n",
        "#![allow(dead_code)]\n",
        '// a comment\n\n/* and /* another */ */\n//! And\n#![deny(warnings)] #![doc = "]"]\n/*! more */ ',
        "\ufeff#![allow(dead_code)]\r\n",
        "#!/usr/bin/env fluvio-tui\n",
    ],
)
def test_file_may_start_with_inner_attributes(
    evaluate_filter: EvaluateFilter, tmp_path: Path, opening: str
) -> None:
    (tmp_path / "words.rs").write_text('pub fn boom() { panic!("in words") }')
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "limit.rs").write_text("pub const LIMIT: usize = 2;")
    source = (
        opening
        + "mod words;\n"
        + '#[path = "sub/limit.rs"] mod limit;\n'
        + "#[smartstream(filter)] fn f(value: &[u8]) -> bool {\n"
        + '    if value == b"w" { words::boom() }\n'
        + "    str::from_utf8(value).unwrap().len() > limit::LIMIT\n"
        + "}\n"
    )
    evaluation = evaluate_filter(source, [b"abc", b"a", b"\xff", b"w"])
    assert list(evaluation.verdicts) == [PASS, DROP, Verdict.TRAP, Verdict.TRAP]
    line = source[: source.index("str::from")].count("\n") + 1
    assert [str(fault.location) for fault in evaluation.faults] == [
        f"{tmp_path}/sf1.rs:{line}:27",
        f"{tmp_path}/words.rs:1:17",
    ]


def test_error_in_file_with_inner_attributes_is_located(build_filter: BuildFilter, tmp_path: Path) -> None:
    build = build_filter('#![allow(dead_code)] fn f() -> u8 { "" }\n#![deny(warnings)]\n')
    assert build.diagnostics[0].location is not None
    assert str(build.diagnostics[0].location) == f"{tmp_path}/sf1.rs:2:1"
    build = build_filter('#![allow(dead_code)] fn f() -> u8 { "" }\n')
    assert str(build.diagnostics[0].location) == f"{tmp_path}/sf1.rs:1:37"
    assert f"{tmp_path}/sf1.rs:1:37" in build.diagnostics[0].rendered
    build = build_filter("#![feature(nothing_of_that_name)]\n")
    assert str(build.diagnostics[0].location).startswith(f"{tmp_path}/sf1.rs:1:")


def _debug(key: bytes | None) -> str:
    return "None" if key is None else f'Some("{key.decode()}")'
