use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(map)]
pub fn map(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    let key = record.key.clone();
    let number: i32 = std::str::from_utf8(record.value.as_ref())?.trim().parse()?;
    Ok((key, (number * 2).to_string().into()))
}
