use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(filter_map)]
pub fn filter_map(record: &SmartModuleRecord) -> Result<Option<(Option<RecordData>, RecordData)>> {
    let key = record.key.clone();
    let number: i32 = String::from_utf8_lossy(record.value.as_ref()).parse()?;
    if number % 2 == 0 {
        Ok(Some((key, RecordData::from((number / 2).to_string()))))
    } else {
        Ok(None)
    }
}
