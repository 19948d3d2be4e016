use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(filter_map)]
pub fn even_upper(record: &SmartModuleRecord) -> Result<Option<(Option<RecordData>, RecordData)>> {
    let value = record.value.as_ref();
    if value[13] % 2 != 0 {
        return Ok(None);
    }
    Ok(Some((record.key.clone(), value.to_ascii_uppercase().into())))
}
