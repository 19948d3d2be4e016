//! The sum of numbers.

use fluvio_smartmodule::{eyre, smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(aggregate)]
pub fn sum(total: RecordData, record: &SmartModuleRecord) -> Result<RecordData> {
    let total = match total.as_str()? {
        "" => 0,
        text => text.parse::<i64>()?,
    };
    let number: i64 = record.value.as_str()?.trim().parse().map_err(|error| eyre!("no number: {}", error))?;
    Ok((total + number).to_string().into())
}
