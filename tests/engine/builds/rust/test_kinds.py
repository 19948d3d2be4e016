"""Maps, filter_maps, array_maps and aggregates as plain functions: what they take and what comes out."""

import pytest

from engine.errors import InitError, LookBackError
from engine.runtime.config import LookBack, ModuleConfig
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import batch_of, run, shown
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo

PARTS: list[tuple[str, str, bytes]] = [
    ("String", "value.to_uppercase()", b"ONE TWO"),
    ("&str", "&value[4..]", b"two"),
    ("std::borrow::Cow<'_, str>", "String::from_utf8_lossy(value.as_bytes())", b"one two"),
    ("&[u8]", "&value.as_bytes()[..3]", b"one"),
    ("[u8; 2]", "[0xff, 0]", b"\xff\0"),
    ("Vec<u8>", "value.bytes().rev().collect()", b"owt eno"),
    ("RecordData", "value.into()", b"one two"),
    ("usize", "value.len()", b"7"),
    ("bool", "value.is_empty()", b"false"),
    ("f32", "0.1", b"0.1"),
    ("i128", "i128::MIN + (value.len() as i128 - 7)", b"-170141183460469231731687303715884105728"),
    ("char", "'\\u{1f600}'", "\U0001f600".encode()),
]
"""Types of keys and values, how to make one of "one two", and its bytes."""


def test_every_type_that_can_be_a_key_or_a_value(build_filter: BuildFilter) -> None:
    for key, value in zip(PARTS[::2], PARTS[1::2], strict=True):
        answer = f"({key[0]}, {value[0]})"
        source = f"#[smartstream(map)]\nfn f(value: &str) -> {answer} {{ ({key[1]}, {value[1]}) }}"
        assert run(build_filter, source, [b"one two"], [b"k"]) == [(0, key[2], value[2])]


@pytest.mark.parametrize(
    ("answer", "body", "expected"),
    [
        ("&str", "&value[4..]", (b"k", b"two")),
        ("Result<u8, std::num::ParseIntError>", "value[..0].parse().or(Ok(12))", (b"k", b"12")),
        ("Result<(Option<String>, Option<&str>)>", "Ok((None, Some(&value[..3])))", (None, b"one")),
        ("f64", "-f64::MIN_POSITIVE / 3.0 * value.len() as f64", (b"k", b"-0." + b"0" * 307 + b"5")),
    ],
)
def test_what_a_map_returns(
    build_filter: BuildFilter, answer: str, body: str, expected: tuple[bytes | None, bytes]
) -> None:
    source = f"#[smartstream(map)]\nfn f(value: &str) -> {answer} {{ {body} }}"
    ((_, key, value),) = run(build_filter, source, [b"one two"], [b"k"])
    assert (key, (value or "")[: len(expected[1])]) == expected


def test_keys_are_kept_set_and_removed(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(filter_map)]
    fn f(record: &Record) -> Result<Option<(Option<&[u8]>, Option<&[u8]>)>> {
        let value = record.value();
        Ok(match value.first().ok_or("nothing")? {
            b'k' => Some((record.key(), Some(value))),
            b's' => Some((Some(value), Some(b"set"))),
            b'r' => Some((None, Some(value))),
            b't' => Some((Some(b""), None)),
            _ => None,
        })
    }
    """
    values = [b"k", b"k", b"s", b"r", b"t", b"d", b"", None]
    keys = [b"a", None, b"a", b"a", b"a", b"a", b"a", b"a"]
    assert run(build_filter, source, values, keys) == [
        (0, b"a", b"k"),
        (1, None, b"k"),
        (2, b"s", b"set"),
        (3, None, b"r"),
        (4, b"", None),
        "nothing",
        "nothing",
    ]


def test_a_value_that_is_not_text_is_an_error_of_its_record(build_filter: BuildFilter) -> None:
    for source in (
        "#[smartstream(map)]\nfn f(value: &str) -> &str { value }",
        "#[smartstream(filter)]\nfn f(value: &str) -> bool { !value.is_empty() }",
    ):
        assert run(build_filter, source, [b"a", b"\xff", b"b"]) == [
            (0, None, b"a"),
            "the value is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index 0",
            (2, None, b"b"),
        ]


def test_text_of_every_length_comes_out_as_it_is(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(map)]
    fn both(value: &str) -> (&str, Vec<u8>) { (value, value.bytes().rev().collect()) }
    """
    letters = bytes(range(ord("!"), ord("!") + 90))
    values = [letters[:length] for length in range(len(letters))]
    values += [letters[:at] + "é".encode() + letters[at:20] for at in range(20)]
    assert run(build_filter, source, values) == [
        (index, value, value[::-1]) for index, value in enumerate(values)
    ]
    broken = [letters[:at] + b"\xc3" + letters[at:20] for at in range(20)]
    for at, said in enumerate(run(build_filter, source, broken)):
        assert f"the value is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index {at}" in said


def test_array_maps(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(array_map)]
    fn words(value: &str) -> Result<Vec<(&str, usize)>> {
        if value == "bad" { return Err("bad words".into()); }
        Ok(value.split_whitespace().map(|word| (word, word.len())).collect())
    }
    """
    assert run(build_filter, source, [b"one three", b"", b"bad", b"five"], [b"a"] * 4) == [
        (0, b"one", b"3"),
        (0, b"three", b"5"),
        "bad words",
        (3, b"five", b"4"),
    ]
    source = "#[smartstream(array_map)]\nfn twice(value: &[u8]) -> [&[u8]; 2] { [value, &value[1..]] }"
    assert run(build_filter, source, [b"abc"], [b"k"]) == [(0, b"k", b"abc"), (0, b"k", b"bc")]


def test_outputs_that_do_not_fit_at_first_are_made_once(build_filter: BuildFilter) -> None:
    """Each value asks for so many outputs of so many bytes; what is made is numbered."""
    source = """
    use std::sync::atomic::{AtomicUsize, Ordering};

    static CALLS: AtomicUsize = AtomicUsize::new(0);

    #[smartstream(array_map)]
    fn many(value: &str) -> Result<Vec<(String, Vec<u8>)>> {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let (count, size) = value.split_once(' ').ok_or("two numbers")?;
        let size: usize = size.parse()?;
        Ok((0..count.parse::<usize>()?).map(|n| (format!("{call} {n}"), vec![b'x'; size])).collect())
    }
    """
    build = build_filter(source)
    assert build.wasm
    sizes = [(1, 10), (3, 50_000), (0, 0), (200, 1_000), (1, 2_000_000), (70_000, 1), (2, 1_500_000), (1, 1)]
    with SmartStream(build.wasm) as stream:
        for _ in range(2):
            batch = batch_of([f"{count} {size}".encode() for count, size in sizes] * 3)
            done, calls = 0, stream.evaluate(batch_of([])).evaluated
            made = []
            while done < len(batch):
                part = batch.slice(done, len(batch))
                evaluation = stream.evaluate(part)
                made += [
                    (done + o[0], o[1], len(o[2] or b"")) for o in shown(evaluation, part) if len(o) == 3
                ]
                done += evaluation.evaluated
            assert calls == 0
            firsts = {index: int((key or b"").split()[0]) for index, key, _ in made}
            start = min(firsts.values())
            assert firsts == {
                index: start + index for index in range(len(batch)) if sizes[index % len(sizes)][0]
            }
            assert [(i, (k or b"").split()[1], size) for i, k, size in made] == [
                (index, b"%d" % number, size)
                for index in range(len(batch))
                for count, size in [sizes[index % len(sizes)]]
                for number in range(count)
            ]


@pytest.mark.parametrize(
    ("signature", "body", "expected"),
    [
        ("(total: i64, value: &str) -> Result<i64>", "Ok(total + value.parse::<i64>()?)", b"6"),
        ("(total: f64, value: &str) -> f64", "total + value.len() as f64 / 4.0", b"0.75"),
        ("(most: u8, value: &[u8]) -> u8", "most.max(value[0])", b"51"),
        ("(all: String, record: &Record) -> String", 'format!("{all}{}", record.offset())', b"100101102"),
        ("(_: &str, value: &str) -> String", "value.to_string()", b"3"),
        ("(first: &'a [u8], value: &'a [u8]) -> &'a [u8]", "first.max(value)", b"3"),
        (
            "(all: RecordData, record: &SmartModuleRecord) -> Result<RecordData>",
            "Ok([all.as_ref(), record.value.as_ref()].concat().into())",
            b"123",
        ),
        ("(mut all: Vec<u8>, value: &[u8]) -> Vec<u8>", "all.extend(value); all", b"123"),
    ],
)
def test_aggregates(build_filter: BuildFilter, signature: str, body: str, expected: bytes) -> None:
    generics = "<'a>" if "'a" in signature else ""
    source = f"#[smartstream(aggregate)]\nfn f{generics}{signature} {{ {body} }}"
    made = run(build_filter, source, [b"1", b"2", b"3"], [b"a", None, b""])
    assert [output[:2] for output in made] == [(0, b"a"), (1, None), (2, b"")]
    assert made[-1][2] == expected


def test_the_accumulator_survives_errors_and_traps(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(aggregate)]
    fn sum(total: i64, value: &str) -> Result<i64> {
        assert_ne!(value, "trap");
        Ok(total + value.parse::<i64>()?)
    }
    """
    values = [b"1", b"x", b"2", b"trap", b"3", b"trap", b"4"]
    assert [o[2] if isinstance(o, tuple) else "" for o in run(build_filter, source, values)] == [
        *(b"1", "", b"3", "", b"6", "", b"10")
    ]


def test_an_accumulator_that_cannot_be_read_is_named_by_each_error(build_filter: BuildFilter) -> None:
    config = ModuleConfig(aggregate_initial=b"ten")
    source = (
        "#[smartstream(aggregate)]\nfn sum(total: i64, value: &[u8]) -> i64 { total + value.len() as i64 }"
    )
    said = 'the accumulator "ten" is not of type i64: invalid digit found in string'
    assert run(build_filter, source, [b"a", b"b"], config=config) == [said, said]
    source = "#[smartstream(aggregate)]\nfn all(all: &str, value: &[u8]) -> usize { all.len() + value.len() }"
    config = ModuleConfig(aggregate_initial=b"\xff")
    (said, _) = run(build_filter, source, [b"a", b"b"], config=config)
    assert (
        said == 'the accumulator "\ufffd" is not UTF-8 text: invalid utf-8 sequence of 1 bytes from index 0'
    )


SETTINGS = """
struct Limits { least: f64, unit: String }

#[smartstream(init)]
fn init(params: &Params) -> Result<Limits> {
    println!("{:?} {:?}", params, params.iter().map(|(name, _)| name).collect::<Vec<_>>());
    Ok(Limits {
        least: params.required("least")?,
        unit: params.optional("unit")?.unwrap_or_else(|| "m".into()),
    })
}

#[smartstream(filter_map)]
fn above(value: &str, limits: &Limits) -> Result<Option<String>> {
    let number: f64 = value.parse()?;
    Ok((number >= limits.least).then(|| format!("{number} {}", limits.unit)))
}
"""


def test_settings_from_parameters(build_filter: BuildFilter) -> None:
    config = ModuleConfig(params={"least": "2.5", "unit": "°C", "other": ""})
    made = run(build_filter, SETTINGS, [b"2", b"3", b"x"], config=config)
    assert made == [(1, None, "3 °C".encode()), "invalid float literal"]
    build = build_filter(SETTINGS)
    assert build.wasm
    for params, said in (
        ({}, "sf1.rs: init error: missing parameter least: set it with -e least=…"),
        ({"least": "ten"}, 'sf1.rs: init error: invalid parameter least="ten": invalid float literal'),
    ):
        with pytest.raises(InitError, match=said.replace("(", r"\(")):
            SmartStream(build.wasm, name="sf1.rs", config=ModuleConfig(params=params))


def test_parameters_without_an_init(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(filter)]
    fn wanted(value: &str) -> bool { param("word").map_or(true, |word| value.contains(word)) }
    """
    config = ModuleConfig(params={"word": "b"})
    assert run(build_filter, source, [b"abc", b"x"], config=config) == [(0, None, b"abc")]
    assert len(run(build_filter, source, [b"abc", b"x"])) == 2


def test_a_panic_in_init_has_its_text_and_place(build_filter: BuildFilter) -> None:
    source = '#[smartstream(init)]\nfn init(params: &Params) { params.get("a").expect("no a"); }\n'
    source += "#[smartstream(filter)]\nfn f(value: &[u8]) -> bool { value.is_empty() }"
    build = build_filter(source)
    assert build.wasm
    with pytest.raises(InitError, match=r"init error: .*no a"):
        SmartStream(build.wasm, name="sf1.rs")


def test_look_back_runs_before_the_first_record(build_filter: BuildFilter) -> None:
    source = """
    use std::cell::RefCell;
    use std::collections::HashSet;

    thread_local!(static SEEN: RefCell<HashSet<Vec<u8>>> = RefCell::default());

    #[smartstream(look_back)]
    fn before(record: &Record) -> Result<()> {
        if record.value() == b"bad" { return Err("a bad record".into()); }
        SEEN.with(|seen| seen.borrow_mut().insert(record.value().to_vec()));
        Ok(())
    }

    #[smartstream(filter)]
    fn fresh(value: &[u8]) -> bool { SEEN.with(|seen| seen.borrow_mut().insert(value.to_vec())) }
    """
    build = build_filter(source)
    assert build.wasm
    config = ModuleConfig(look_back=LookBack(last=3))
    with SmartStream(build.wasm, name="sf1.rs", config=config) as stream:
        stream.look_back([batch_of([b"a", b"b"]), batch_of([b"c"])])
        batch = batch_of([b"a", b"d", b"c", b"d", b"e"])
        assert stream.evaluate(batch).verdicts.tolist() == [0, 1, 0, 0, 1]
    stream = SmartStream(build.wasm, name="sf1.rs", config=config)
    with stream, pytest.raises(LookBackError, match="a bad record"):
        stream.look_back([batch_of([b"a", b"bad"])])


def test_causes_of_an_error_are_shown(build_filter: BuildFilter) -> None:
    source = """
    #[smartstream(map)]
    fn f(value: &str) -> Result<u8> {
        let number = value.parse::<u8>().with_context(|| format!("the amount {value:?}"));
        match value {
            "none" => None.context("no amount"),
            "two\\nlines" => Err(Error::msg(value).wrap_err("broken")),
            "deep" => number.context("the order"),
            _ => number,
        }
    }
    """
    assert run(build_filter, source, [b"x", b"deep", b"none", b"two\nlines", b"7"]) == [
        'the amount "x"\n\nCaused by:\n    invalid digit found in string',
        'the order\n\nCaused by:\n   0: the amount "deep"\n   1: invalid digit found in string',
        "no amount",
        "broken\n\nCaused by:\n    two\n    lines",
        (4, None, b"7"),
    ]
