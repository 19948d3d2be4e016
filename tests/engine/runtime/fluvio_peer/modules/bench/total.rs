use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(aggregate)]
pub fn total(total: RecordData, record: &SmartModuleRecord) -> Result<RecordData> {
    let total: i64 = total.as_str()?.parse()?;
    let number: i64 = record.value.as_str()?[6..14].parse()?;
    Ok((total + number).to_string().into())
}
