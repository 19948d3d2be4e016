"""Values of JSON texts by their path, compared with Python's json."""

import json
import random
import re
import struct
from typing import Any

import pytest

from engine.records.verdicts import Verdict
from engine.runtime.smartstream import SmartStream
from tests.engine.builds.rust.kinds import batch_of, run, shown
from tests.engine.conftest import BuildFilter

pytestmark = pytest.mark.cargo

READ = r"""
/// Everything that can be read at the path that is the key.
#[smartstream(map)]
fn read(record: &Record) -> Result<Vec<u8>> {
    let found = record.json(str::from_utf8(record.key().unwrap_or_default())?);
    let mut read = format!(
        "{}\n{:?}\n{:?}\n{:?}\n{}\n{}\n{}\n",
        found.exists() as u8,
        found.as_i64(),
        found.as_f64().map(f64::to_bits),
        found.as_bool(),
        found.is_null() as u8,
        found.items().count(),
        found.as_str().is_some() as u8,
    );
    if found.items().any(|item| !item.exists()) { read.push('!'); }
    read.push_str(&found.as_str().unwrap_or_default());
    Ok(read.into_bytes())
}
"""
NOTHING = object()


def expected(value: object) -> str:
    """What `READ` says of a value; of a string without a surrogate pair's half."""
    whole = isinstance(value, int) and not isinstance(value, bool)
    number = whole or isinstance(value, float)
    fits = whole and -(2**63) <= value < 2**63  # type: ignore[operator]
    fields = [
        int(value is not NOTHING),
        f"Some({value})" if fits else None,
        f"Some({bits(value)})" if number else None,
        f"Some({str(value).lower()})" if isinstance(value, bool) else None,
        int(value is None),
        len(value) if isinstance(value, list) else 0,
        int(isinstance(value, str)),
        re.sub("[\ud800-\udfff]", "\ufffd", value) if isinstance(value, str) else "",
    ]
    return "\n".join(map(str, fields))


def bits(value: Any) -> int:
    try:
        number = float(value)
    except OverflowError:
        number = float("inf") if value > 0 else float("-inf")
    return int(struct.unpack("<Q", struct.pack("<d", number))[0])


def text(chance: random.Random) -> str:
    letters = 'ab"\\/.[]{}:, \n\t\x00\x1f\u007fé\u2028\U0001f600\ud83d\ude00'
    return "".join(chance.choice(letters) for _ in range(chance.randrange(6)))


def document(chance: random.Random, depth: int = 0) -> Any:
    kind = chance.randrange(9 if depth < 4 else 6)
    if kind == 0:
        return chance.choice([None, True, False])
    if kind == 1:
        return chance.choice(
            [0, -1, 7, 2**53 + 1, 2**63 - 1, -(2**63), 2**63, 10**40, chance.randrange(10**9)]
        )
    if kind == 2:
        return chance.choice([0.5, -1e-7, 1e300, 5e-324, 0.1 + 0.2, chance.uniform(-1e6, 1e6)])
    if kind < 6:
        return text(chance)
    if kind == 6:
        return [document(chance, depth + 1) for _ in range(chance.randrange(5))]
    names = [
        text(chance) if chance.random() < 0.3 else chance.choice("abcde") for _ in range(chance.randrange(6))
    ]
    # What is a pair in Python is one character in JSON.
    return {name: document(chance, depth + 1) for name in names if name == whole(name)}


def whole(name: str) -> str:
    return name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def dumped(chance: random.Random, value: object) -> bytes:
    space = chance.choice(["", " ", "\n\t", "\r\n"])
    dumped = json.dumps(
        value,
        ensure_ascii=chance.random() < 0.5,
        indent=chance.choice([None, None, 1, "\t"]),
        separators=(chance.choice([",", " , "]), chance.choice([":", " : "])),
    )
    return f"{space}{dumped}{space}".encode("utf-8", "replace")


def path_into(chance: random.Random, value: Any) -> tuple[str, Any]:
    """A path, and what it leads to."""
    path = ""
    while True:
        stop = chance.random() < 0.2
        if isinstance(value, list) and not stop:
            index = chance.randrange(len(value) + 1)
            path += f"[{index}]"
            value = value[index] if index < len(value) else NOTHING
        elif isinstance(value, dict) and not stop:
            names = [name for name in value if '"]' not in name and "\ufffd" not in name]
            name = chance.choice([*names, *names, "missing"])
            plain = re.fullmatch(r"[^.\[\]\"]+", name) and chance.random() < 0.8
            path += (f".{name}" if path else name) if plain else f'["{name}"]'
            value = value.get(name, NOTHING)
        else:
            if chance.random() < 0.05:
                return f"{path}.x" if path else "x", value.get("x", NOTHING) if isinstance(
                    value, dict
                ) else NOTHING
            return path, value


def test_it_agrees_with_python(build_filter: BuildFilter) -> None:
    chance = random.Random(12)
    cases = []
    for _ in range(6000):
        dump = dumped(chance, document(chance))
        path, value = path_into(chance, json.loads(dump))
        cases.append((dump, path, expected(value)))
    assert len({read for *_, read in cases}) > 300
    made = run(build_filter, READ, [dump for dump, *_ in cases], [path.encode() for _, path, _ in cases])
    for (dump, path, read), (_, _, found) in zip(cases, made, strict=True):
        assert found.decode() == read, (dump, path)


def test_no_bytes_make_it_fail(build_filter: BuildFilter) -> None:
    """Damaged documents: each is read without a trap, and correctly where Python takes it for JSON."""
    chance = random.Random(13)
    build = build_filter(READ)
    assert build.wasm
    documents, paths = [], []
    for _ in range(20_000):
        value = document(chance)
        damaged = bytearray(dumped(chance, value))
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(damaged) + 1)
            damaged[at : at + chance.randrange(3)] = bytes(
                chance.choices(b'"\\[]{},:u0\xff\xf0 dE', k=chance.randrange(3))
            )
        documents.append(bytes(damaged))
        paths.append(path_into(chance, value)[0].encode())
    with SmartStream(build.wasm) as stream:
        batch = batch_of(documents, paths)
        evaluation = stream.evaluate(batch)
    assert set(evaluation.verdicts.tolist()) == {Verdict.PASS}
    agreed = 0
    for dump, path, (_, _, found) in zip(documents, paths, shown(evaluation, batch), strict=True):
        assert b"!" not in found.splitlines()[7:8]
        try:
            value = json.loads(dump, object_pairs_hook=unique, parse_constant=float.fromhex)
        except ValueError:
            continue
        if path == b"":
            assert found.decode() == expected(value), dump
            agreed += 1
    assert agreed > 500


def unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object, unless a name occurs twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("twice")
    return found


def test_what_json_offers(build_filter: BuildFilter) -> None:
    source = r"""
    #[smartstream(array_map)]
    fn f(record: &Record) -> Result<Vec<(String, Json<'_>)>> {
        let order = record.json("");
        assert!(order.get("customer.city") == "Lyon");
        assert!(record.json("items[1]").get("name") != "pen");
        assert_eq!(json(record.value(), ".items[0].name").as_str().as_deref(), Some("pen"));
        assert_eq!(json("[1, 2]", "[1]").as_i64(), Some(2));
        assert_eq!(order.get("items[1].note").to_string(), r#"{"a" : [1, "}"]}"#);
        assert_eq!(format!("{:?} {}", order.get("n"), order.get("none")), r#""a\u0062" "#);
        assert_eq!(order.get(r#"["a.b"]["[0]"]"#).as_f64(), Some(1.5));
        assert_eq!(order.get("twice").as_i64(), Some(1));
        let name = order.get("customer.name").as_str().context("no name")?;
        assert_eq!(name, "Ann");
        Ok(order.get("items").items().map(|item| (name.to_string(), item.get("name"))).collect())
    }
    """
    order = (
        b'{"n":"a\\u0062","a.b":{"[0]":1.5},"twice":1,"twice":2,"items":[{"name":"pen"},'
        b'{"note":{"a" : [1, "}"]},"name":12}],"customer":{"city":"Lyon","name":"Ann"}} and more'
    )
    assert run(build_filter, source, [order]) == [(0, b"Ann", b"pen"), (0, b"Ann", b"12")]


def test_numbers_and_truth_values_compare(build_filter: BuildFilter) -> None:
    source = r"""
    #[smartstream(filter)]
    fn f(record: &Record) -> bool {
        let (whole, part, large) = (record.json("whole"), record.json("part"), record.json("large"));
        assert!(whole == 2 && whole == 2.0 && whole != 3 && whole > 1 && whole <= 2 && whole < 2.5);
        assert!(part == 2.5 && part != 2 && part > 2 && part >= 2.5 && part < 3);
        assert!(large == i64::MAX && large != i64::MAX - 1 && large > i64::MAX - 1);
        assert!(record.json("yes") == true && record.json("yes") != false && whole != true);
        for other in ["text", "yes", "missing"].map(|path| record.json(path)) {
            assert!(other != 2 && !(other < 2) && !(other >= 2) && !(other < 2.5) && !(other >= 2.5));
        }
        true
    }
    """
    record = b'{"whole":2,"part":2.5,"large":9223372036854775807,"yes":true,"text":"2"}'
    assert run(build_filter, source, [record]) == [(0, None, record)]


def test_a_path_that_is_none_says_so(build_filter: BuildFilter) -> None:
    paths = ["a..b", "a.", "a[", "a[x]", "a[-1]", "a[1]b", '["a]']
    made = run(build_filter, READ, [b"{}"] * len(paths), [path.encode() for path in paths])
    said = 'is not a path: write names and indexes, e.g. "items[0].price"'
    assert made == [f"{json.dumps(path)} {said}" for path in paths]
