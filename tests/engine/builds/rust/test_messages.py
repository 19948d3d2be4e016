"""What a filter says: errors, panics, and printed lines."""

import pytest

from engine.records.verdicts import Verdict
from tests.engine.conftest import BuildFilter, EvaluateFilter, evaluate_values

pytestmark = pytest.mark.cargo


def test_errors_are_shown_by_display(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[derive(Debug)]
    enum Odd { Short { length: usize } }

    fn short(value: &[u8]) -> std::result::Result<(), Odd> { Err(Odd::Short { length: value.len() }) }

    #[smartstream(filter)]
    fn check(value: &[u8]) -> Result<bool> {
        if value == b"short" { short(value).map_err(|odd| format!("{:?}", odd))?; }
        if value == b"text" { return Err("that is all".into()); }
        Ok(str::from_utf8(value)?.parse::<i32>()? > 3)
    }
    """
    evaluation = evaluate_filter(source, [b"5", b"2", b"x", b"\xff", b"text", b"short"])
    assert list(evaluation.verdicts) == [Verdict.PASS, Verdict.DROP] + [Verdict.ERROR] * 4
    assert [(fault.index, fault.message) for fault in evaluation.faults] == [
        (2, "invalid digit found in string"),
        (3, "invalid utf-8 sequence of 1 bytes from index 0"),
        (4, "that is all"),
        (5, "Short { length: 5 }"),
    ]


def test_error_with_debug_only(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[derive(Debug)]
    enum Odd { Short(usize) }

    #[smartstream(filter)]
    fn check(value: &[u8]) -> Result<bool, Odd> { Err(Odd::Short(value.len())) }
    """
    assert [fault.message for fault in evaluate_filter(source, [b"abc"]).faults] == ["Short(3)"]


def test_panic_has_a_location(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn panics(value: &[u8]) -> bool {
        let text = str::from_utf8(value).unwrap();
        if text == "boom" { panic!("went {}", text) }
        let letters = [1, 2, 3];
        letters[text.len()] > 1
    }
    """
    evaluation = evaluate_filter(source, [b"\xff", b"boom", b"abcd", b"a"])
    assert list(evaluation.verdicts) == [Verdict.TRAP] * 3 + [Verdict.PASS]
    assert [fault.message for fault in evaluation.faults] == [
        "called `Result::unwrap()` on an `Err` value: Utf8Error { valid_up_to: 0, error_len: Some(1) }",
        "went boom",
        "index out of bounds: the len is 3 but the index is 4",
    ]
    places = [str(fault.location).rpartition("/")[2] for fault in evaluation.faults]
    assert places == ["sf1.rs:4:42", "sf1.rs:5:29", "sf1.rs:7:9"]


def test_each_of_many_panics_is_reported(evaluate_filter: EvaluateFilter) -> None:
    source = '#[smartstream(filter)] fn f(value: &[u8]) -> bool { panic!("no {}", value.len()) }'
    evaluation = evaluate_filter(source, [b"x" * n for n in range(300)])
    assert [fault.message for fault in evaluation.faults] == [f"no {n}" for n in range(300)]


PANICS = """
use std::fmt::{Display, Formatter, Write};
use std::sync::atomic::{AtomicU32, Ordering};

static SEEN: AtomicU32 = AtomicU32::new(0);

struct Bad;

impl Display for Bad {
    fn fmt(&self, f: &mut Formatter) -> std::fmt::Result { f.write_char('x')?; Err(std::fmt::Error) }
}

struct Worse;

impl Display for Worse {
    fn fmt(&self, _: &mut Formatter) -> std::fmt::Result { panic!("inside") }
}

#[smartstream(filter)]
fn f(value: &[u8]) -> bool {
    let seen = SEEN.fetch_add(1, Ordering::Relaxed);
    match value {
        b"number" => std::panic::panic_any(seen),
        b"fails" => panic!("{}", Bad),
        b"panics" => panic!("{}", Worse),
        b"quotes" => panic!("it's 'no', sf1.rs:1:2"),
        b"lines" => panic!("one\\ntwo:\\n"),
        b"" => panic!(""),
        _ => seen == 10,
    }
}
"""


def test_state_lasts_and_messages_are_whole_from_panic_to_panic(build_filter: BuildFilter) -> None:
    wasm = build_filter(PANICS).wasm
    assert wasm is not None
    evaluation = evaluate_values(wasm, [b"fails"] * 8 + [b"ok"] * 4)
    assert list(evaluation.verdicts) == [3] * 8 + [0, 0, 1, 0]
    assert [fault.message for fault in evaluation.faults] == ["x"] * 8
    evaluation = evaluate_values(
        wasm, [b"quotes", b"lines", b"", b"fails"] * 2 + [b"number"] * 3 + [b"panics"]
    )
    said = [fault.message for fault in evaluation.faults]
    # The same without a message, and with an empty one.
    nothing = "aborted without a message (a panic or an abort)"
    assert said[:8] == ["it's 'no', sf1.rs:1:2", "one\ntwo:\n", nothing, "x"] * 2
    assert said[8:11] == ["a panic without a message"] * 3
    # What panics while it is asked for its text may be told or not: that depends on the compiler.
    assert said[11] in ("inside", nothing)


def test_long_texts_are_cut_between_characters(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn f(value: &[u8]) -> Result<bool> {
        let text = "é€🦀".repeat(2000);
        println!("a{}", text);
        if value == b"p" { panic!("{}", text) }
        Err(text.into())
    }
    """
    evaluation = evaluate_filter(source, [b"", b"p", b""])
    assert [fault.verdict for fault in evaluation.faults] == [Verdict.ERROR, Verdict.TRAP, Verdict.ERROR]
    texts = [fault.message for fault in evaluation.faults] + [output.text for output in evaluation.printed]
    assert len(texts) == 6
    for text in texts:
        assert text.endswith("…")
        assert ("é€🦀" * 2000).startswith(text.removeprefix("a")[:-1])
        assert 1000 < len(text.encode()) <= 4096


def test_panic_has_room_after_full_area_of_errors(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn f(value: &[u8]) -> Result<bool> {
        if value.is_empty() { panic!("{}", "p".repeat(5000)) }
        Err("e".repeat(value.len()).into())
    }
    """
    values = [b"x" * 900] * 200 + [b""] + [b"x" * 900] * 200
    evaluation = evaluate_filter(source, values)
    assert len(evaluation.faults) == 401
    assert evaluation.faults[200].location is not None
    assert evaluation.faults[200].message.startswith("p" * 2000)


def test_printed_pieces_become_lines(evaluate_filter: EvaluateFilter) -> None:
    source = r"""
    #[smartstream(filter)]
    fn prints(value: &[u8]) -> bool {
        print!("a{}", 1);
        print!("b\nc");
        println!("d {value:?}");
        eprintln!();
        eprint!("{:>4}|", value.len());
        log!("logged");
        let twice = dbg!(value.len() * 2,);
        let (one, two) = dbg!(1, "two");
        dbg!();
        print!("tail");
        twice > one && two == "two"
    }
    """
    evaluation = evaluate_filter(source, [b"x"] * 2)
    assert list(evaluation.verdicts) == [Verdict.PASS] * 2
    one_record = [
        "a1b",
        "cd [120]",
        "",
        "   1|logged",
        "[sf1.rs:10] value.len() * 2 = 2",
        "[sf1.rs:11] 1 = 1",
        '[sf1.rs:11] "two" = "two"',
        "[sf1.rs:12]",
        "tail",
    ]
    assert [(output.index, output.text) for output in evaluation.printed] == [
        (index, text) for index in (0, 1) for text in one_record
    ]


def test_lines_printed_before_panic_are_kept(evaluate_filter: EvaluateFilter) -> None:
    source = '#[smartstream(filter)] fn f(_: &[u8]) -> bool { println!("one"); print!("two"); panic!() }'
    evaluation = evaluate_filter(source, [b"x"])
    assert [output.text for output in evaluation.printed] == ["one", "two"]
    assert [fault.message for fault in evaluation.faults] == ["explicit panic"]


def test_flood_of_lines_loses_no_verdict_error_or_line(evaluate_filter: EvaluateFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn f(value: &[u8]) -> Result<bool> {
        for n in 0..20 { println!("line {} of {:?}", n, value); }
        if value.len() == 7 { Err("seven".into()) } else { Ok(true) }
    }
    """
    values = [b"x" * (n % 10) for n in range(5000)]
    evaluation = evaluate_filter(source, values)
    assert list(evaluation.verdicts) == [
        Verdict.ERROR if len(value) == 7 else Verdict.PASS for value in values
    ]
    assert len(evaluation.faults) == 500
    assert (len(evaluation.printed), evaluation.lost_lines) == (100_000, 0)


def test_nested_printing(evaluate_filter: EvaluateFilter) -> None:
    source = """
    struct Loud;
    impl std::fmt::Display for Loud {
        fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
            println!("inside");
            f.write_str("loud")
        }
    }
    #[smartstream(filter)]
    fn f(value: &[u8]) -> Result<bool, String> {
        println!("<{}>", Loud);
        if value.is_empty() { panic!("{}", Loud) }
        Ok(true)
    }
    """
    evaluation = evaluate_filter(source, [b"x", b""])
    assert list(evaluation.verdicts) == [Verdict.PASS, Verdict.TRAP]
    assert [output.text for output in evaluation.printed][:2] == ["<inside", "loud>"]
    assert evaluation.faults[0].message == "loud"
