//! The methods of keys and values.

use std::collections::{HashMap, HashSet};
use std::cell::RefCell;

use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

thread_local! {
    static COUNTS: RefCell<HashMap<RecordData, usize>> = RefCell::new(HashMap::new());
}

fn checked(data: &RecordData) -> bool {
    let same: [RecordData; 4] = [
        data.clone(),
        Vec::from(data.as_ref()).into(),
        data.as_ref().into(),
        RecordData::from(data.clone().into_vec()),
    ];
    let different: HashSet<&RecordData> = same.iter().collect();
    different.len() == 1
        && data == &same[0]
        && data.len() == data.as_ref().len()
        && data.to_string() == data.as_utf8_lossy_string()
        && RecordData::default().is_empty()
        && format!("{data:?}").len() >= data.as_utf8_lossy_string().len()
}

#[smartmodule(map)]
pub fn map(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    assert!(checked(record.value()) && record.key().map_or(true, checked));
    let key = record.key.as_ref().cloned().unwrap_or_default();
    let count = COUNTS.with(|counts| {
        let mut counts = counts.borrow_mut();
        let count = counts.entry(key.clone()).or_default();
        *count += 1;
        *count
    });
    let mut value = record.value.to_vec();
    value.extend_from_slice(format!(" {count}").as_bytes());
    Ok((Some(key), value.into()))
}
