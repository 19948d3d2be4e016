use std::sync::OnceLock;
use std::time::Duration;

use fluvio_smartmodule::dataplane::smartmodule::{Lookback, SmartModuleExtraParams};
use fluvio_smartmodule::{eyre, smartmodule, RecordData, Result, SmartModuleRecord};

static BOUNDS: OnceLock<Option<Lookback>> = OnceLock::new();

#[smartmodule(init)]
fn init(mut params: SmartModuleExtraParams) -> Result<()> {
    params.insert("again".to_string(), "1".to_string());
    if params.get("again").map(String::as_str) != Some("1") {
        return Err(eyre!("lost"));
    }
    BOUNDS.set(params.lookback().cloned()).map_err(|_| eyre!("twice"))
}

#[smartmodule(map)]
fn map(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    let text = match BOUNDS.get() {
        Some(Some(Lookback { last, age })) => {
            format!("{} {}", last, age.unwrap_or(Duration::ZERO).as_millis())
        }
        _ => "none".to_string(),
    };
    Ok((record.key.clone(), text.into()))
}
