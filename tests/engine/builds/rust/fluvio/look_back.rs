use std::sync::atomic::{AtomicI64, Ordering};

use fluvio_smartmodule::{eyre, smartmodule, Result, SmartModuleRecord};

static HIGHEST: AtomicI64 = AtomicI64::new(i64::MIN);

fn number(record: &SmartModuleRecord) -> Result<i64> {
    let text = record.value.as_str().map_err(|error| eyre!("no text: {}", error))?;
    Ok(text.parse()?)
}

#[smartmodule(filter)]
pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
    let number = number(record)?;
    Ok(HIGHEST.fetch_max(number, Ordering::SeqCst) < number)
}

#[smartmodule(look_back)]
pub fn look_back(record: &SmartModuleRecord) -> Result<()> {
    HIGHEST.fetch_max(number(record)?, Ordering::SeqCst);
    Ok(())
}
