use std::sync::OnceLock;

use fluvio_smartmodule::dataplane::smartmodule::SmartModuleExtraParams;
use fluvio_smartmodule::{eyre, smartmodule, RecordData, Result, SmartModuleRecord, SmartOpt};

/// The parameters.
#[derive(Debug, Default, Clone, SmartOpt)]
pub struct Options {
    /// What is added.
    pub suffix: String,
    times: Option<usize>,
    upper: bool,
}

static OPTIONS: OnceLock<Options> = OnceLock::new();

#[smartmodule(init)]
fn init(params: SmartModuleExtraParams) -> Result<()> {
    let options = Options::try_from(params)?;
    OPTIONS.set(options).map_err(|_| eyre!("twice"))
}

#[smartmodule(map)]
fn add(record: &SmartModuleRecord) -> Result<(Option<RecordData>, RecordData)> {
    let options = OPTIONS.get().cloned().unwrap_or_default();
    let mut text = record.value().to_string();
    for _ in 0..options.times.unwrap_or(1) {
        text += &options.suffix;
    }
    if options.upper {
        text = text.to_uppercase();
    }
    Ok((record.key().cloned(), text.into_bytes().into()))
}
