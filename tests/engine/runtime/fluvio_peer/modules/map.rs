//! Makes keys of values, and says where they were.

use fluvio_smartmodule::{eyre, smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(map)]
pub fn map(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    if record.value.as_ref().starts_with(b"e") {
        return Err(eyre!("an error of record {} of {}", record.offset(), record.timestamp()));
    }
    let mut value = format!("{}@{} ", record.offset(), record.timestamp()).into_bytes();
    value.extend(record.value.iter().rev());
    Ok((record.key.as_ref().map(|key| RecordData::from(key.repeat(2))), value.into()))
}
