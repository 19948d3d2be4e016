use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(array_map)]
pub fn array_map(record: &SmartModuleRecord) -> Result<Vec<(Option<RecordData>, RecordData)>> {
    let lines = std::str::from_utf8(record.value.as_ref())?;
    let records: Vec<_> = lines
        .lines()
        .map(|line| (Some(RecordData::from(line.len().to_string())), RecordData::from(line)))
        .collect();
    Ok(records)
}
