use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(array_map)]
pub fn parts(record: &SmartModuleRecord) -> Result<Vec<(Option<RecordData>, RecordData)>> {
    let parts = record.value.as_ref().chunks(4).chain([&[][..]]);
    Ok(parts.map(|part| (None, part.into())).collect())
}
