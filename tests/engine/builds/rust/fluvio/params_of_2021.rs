use fluvio_smartmodule::{smartmodule, Record, Result, SmartOpt};

#[derive(SmartOpt, Default)]
pub struct Options {
    key: String,
    length: Option<usize>,
}

#[smartmodule(filter, params)]
pub fn filter(record: &Record, options: &Options) -> Result<bool> {
    let text = std::str::from_utf8(record.value.as_ref())?;
    Ok(text.contains(&options.key) && options.length.map_or(true, |length| text.len() >= length))
}
