//! Halves even numbers, and removes their keys.

use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(filter_map)]
pub fn halved(record: &SmartModuleRecord) -> Result<Option<(Option<RecordData>, RecordData)>> {
    let number: i32 = std::str::from_utf8(record.value.as_ref())?.trim().parse()?;
    Ok((number % 2 == 0).then(|| (None, (number / 2).to_string().into())))
}
