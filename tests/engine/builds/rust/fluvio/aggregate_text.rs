use fluvio_smartmodule::{smartmodule, Record, RecordData, Result};

#[smartmodule(aggregate)]
pub fn aggregate(accumulator: RecordData, current: &Record) -> Result<RecordData> {
    let mut text = accumulator.as_utf8_lossy_string().into_owned();
    if !text.is_empty() {
        text.push('+');
    }
    text.push_str(current.value.as_str()?);
    Ok(text.into())
}
