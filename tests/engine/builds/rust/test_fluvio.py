"""Filters as Fluvio's documentation writes them, from 2021 to now."""

import pytest

from engine.records.verdicts import Verdict
from tests.engine.conftest import BuildFilter, EvaluateFilter

pytestmark = pytest.mark.cargo

DROP, PASS, ERROR, TRAP = Verdict.DROP, Verdict.PASS, Verdict.ERROR, Verdict.TRAP

DOCUMENTED = """\
use fluvio_smartmodule::{smartmodule, Result, SmartModuleRecord};

#[smartmodule(filter)]
pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
    let string = std::str::from_utf8(record.value.as_ref())?;
    Ok(string.contains('a'))
}
"""
"""The first example of its documentation, as it stands today."""

BY_FULL_NAMES = """\
//! Passes records with a letter.

#[fluvio_smartmodule::smartmodule(filter)]
fn filter(record: &fluvio_smartmodule::SmartModuleRecord) -> fluvio_smartmodule::Result<bool> {
    let string = std::str::from_utf8(record.value().as_ref())?;
    Ok(string.contains('a'))
}
"""

OF_2021 = """\
use fluvio_smartstream::{smartstream, Record};

#[smartstream(filter)]
pub fn filter(record: &Record) -> bool {
    String::from_utf8_lossy(record.value.as_ref()).contains('a')
}
"""


@pytest.mark.parametrize(
    ("source", "undecodable"),
    [
        (DOCUMENTED, ERROR),
        (DOCUMENTED.replace("SmartModuleRecord", "Record"), ERROR),
        (DOCUMENTED.replace("smartmodule", "smartstream").replace("SmartModuleRecord", "Record"), ERROR),
        (OF_2021, PASS),
        # Without the line that says where the names come from.
        (DOCUMENTED.partition("\n")[2], ERROR),
        (BY_FULL_NAMES, ERROR),
    ],
    ids=["now", "2022", "2021, with a Result", "2021", "half of it", "full names"],
)
def test_documented_filter_in_all_forms(
    evaluate_filter: EvaluateFilter, source: str, undecodable: Verdict
) -> None:
    evaluation = evaluate_filter(source, [b"banana", b"cherry", b"", b"a\xff"])
    assert evaluation.verdicts.tolist() == [PASS, DROP, DROP, undecodable]
    assert [fault.message for fault in evaluation.faults] == (
        ["invalid utf-8 sequence of 1 bytes from index 1"] if undecodable is ERROR else []
    )


def test_pasted_filter_has_no_warnings(build_filter: BuildFilter) -> None:
    assert build_filter(DOCUMENTED).diagnostics == ()


def test_fields_and_methods_of_a_record(evaluate_filter: EvaluateFilter) -> None:
    source = """
    use fluvio_smartmodule::{smartmodule, Result, SmartModuleRecord};

    #[smartmodule(filter)]
    pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
        let key = match &record.key {
            Some(key) => std::str::from_utf8(key.as_ref())?,
            None => "none",
        };
        assert_eq!(record.key().map(|key| key.to_vec()), record.key.clone().map(|key| key.to_vec()));
        assert_eq!(record.value(), &record.value);
        println!("{} {:?} {} {}", key, record.value, record.offset(), record.timestamp());
        println!("{:?}", record);
        Ok(key.parse::<i32>()? % 2 == 0)
    }
    """
    evaluation = evaluate_filter(source, [b"one", b"\xff", b""], [b"1", b"22", None])
    assert evaluation.verdicts.tolist() == [DROP, PASS, ERROR]
    assert [output.text for output in evaluation.printed] == [
        '1 "one" 100 1000',
        'Record { offset: 100, timestamp: 1000, key: Some("1"), value: "one" }',
        '22 "\ufffd" 101 1001',
        'Record { offset: 101, timestamp: 1001, key: Some("22"), value: "\ufffd" }',
        'none "" 102 1002',
        'Record { offset: 102, timestamp: 1002, key: None, value: "" }',
    ]


def test_value_as_bytes_and_as_text(evaluate_filter: EvaluateFilter) -> None:
    source = """
    use std::collections::HashSet;
    use std::sync::Mutex;
    use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

    mod words {
        use fluvio_smartmodule::{RecordData, Result};
        pub fn first(data: &RecordData) -> Result<&str> {
            Ok(data.as_str()?.split(' ').next().unwrap_or_default())
        }
    }

    static SEEN: Mutex<Option<HashSet<RecordData>>> = Mutex::new(None);

    #[smartmodule(filter)]
    fn fresh(record: &SmartModuleRecord) -> Result<bool> {
        let mut seen = SEEN.lock().unwrap();
        let seen = seen.get_or_insert_with(HashSet::new);
        if record.value.starts_with(b"forget") {
            seen.remove(&words::first(&record.value)?[6..].as_bytes().into());
        }
        if record.value.len() == 4 && record.value.to_string() == "none" {
            seen.clear();
        }
        Ok(seen.insert(record.value.clone()) && record.value != RecordData::from("never"))
    }
    """
    values = [b"a", b"b", b"a", b"never", b"forgeta now", b"a", b"a", b"b", b"none", b"b", b"\xff"] * 300
    round_one = [PASS, PASS, DROP, DROP, PASS, PASS, DROP, DROP, PASS, PASS, PASS]
    later = [PASS, DROP, DROP, DROP, PASS, PASS, DROP, DROP, PASS, PASS, PASS]
    assert evaluate_filter(source, values).verdicts.tolist() == round_one + later * 299


def test_errors_made_by_eyre_and_panics(evaluate_filter: EvaluateFilter) -> None:
    source = """
    use fluvio_smartmodule::{eyre, smartmodule, Error, Result, SmartModuleRecord};

    fn long(text: &str) -> Error { eyre!("{} is longer than {}", text, 3) }

    #[smartmodule(filter)]
    pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
        let text = record.value.as_str()?;
        let first = text.chars().next().ok_or_else(|| eyre!("a value must not be empty"))?;
        match first {
            'i' => Err(eyre!("{first} is inline")),
            's' => Err(eyre!(text.to_uppercase())),
            'e' => Err(eyre!(text.parse::<u8>().unwrap_err())),
            _ if text.len() > 3 => Err(long(text)),
            _ => Ok(text.parse::<u8>().map_err(|error| eyre!("no number: {:?}", error)).unwrap() > 9),
        }
    }
    """
    evaluation = evaluate_filter(source, [b"12", b"", b"i", b"small", b"e", b"four", b"x"])
    assert evaluation.verdicts.tolist() == [PASS, ERROR, ERROR, ERROR, ERROR, ERROR, TRAP]
    assert [fault.message for fault in evaluation.faults] == [
        "a value must not be empty",
        "i is inline",
        "SMALL",
        "invalid digit found in string",
        "four is longer than 3",
        "called `Result::unwrap()` on an `Err` value: no number: ParseIntError { kind: InvalidDigit }",
    ]
