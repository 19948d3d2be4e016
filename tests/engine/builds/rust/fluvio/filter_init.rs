//! Passes records that contain the text of a parameter.
#![allow(dead_code)]

use std::sync::OnceLock;

use fluvio_smartmodule::dataplane::smartmodule::{SmartModuleExtraParams, SmartModuleInitError};
use fluvio_smartmodule::{eyre, smartmodule, Result, SmartModuleRecord};

static WANTED: OnceLock<String> = OnceLock::new();

#[smartmodule(init)]
fn init(params: SmartModuleExtraParams) -> Result<()> {
    if let Some(wanted) = params.get("wanted") {
        WANTED.set(wanted.clone()).map_err(|text| eyre!("already wanted: {:?}", text))
    } else {
        Err(SmartModuleInitError::MissingParam("wanted".to_string()).into())
    }
}

#[smartmodule(filter)]
pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
    let wanted = WANTED.get().ok_or_else(|| eyre!("not initialized"))?;
    let text = std::str::from_utf8(record.value.as_ref())?;
    Ok(text.contains(wanted.as_str()))
}
