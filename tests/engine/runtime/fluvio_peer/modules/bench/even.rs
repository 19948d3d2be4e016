use fluvio_smartmodule::{smartmodule, Result, SmartModuleRecord};

#[smartmodule(filter)]
pub fn even(record: &SmartModuleRecord) -> Result<bool> {
    Ok(record.value.as_ref()[13] % 2 == 0)
}
