use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(aggregate)]
pub fn aggregate(accumulator: RecordData, current: &SmartModuleRecord) -> Result<RecordData> {
    // An empty accumulator is the first one.
    let total: i32 = std::str::from_utf8(accumulator.as_ref())?.parse().unwrap_or_default();
    let value: i32 = std::str::from_utf8(current.value.as_ref())?.parse()?;
    Ok((total + value).to_string().into())
}
