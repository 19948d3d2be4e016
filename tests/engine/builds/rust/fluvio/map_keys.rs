use fluvio_smartmodule::dataplane::record::{Record, RecordData};
use fluvio_smartmodule::{smartmodule, Result};

/// The parts of `key=value`; a text without `=` has no key.
fn parts(record: &Record) -> Result<(Option<RecordData>, RecordData)> {
    let text = String::from_utf8_lossy(record.value().as_ref()).into_owned();
    Ok(match text.split_once('=') {
        Some((key, value)) => (Some(RecordData::from(key)), RecordData::from(value)),
        None => (None, RecordData::from(text.as_bytes())),
    })
}

#[smartmodule(map)]
pub fn map(record: &Record) -> Result<(Option<RecordData>, RecordData)> {
    parts(record)
}
