//! Makes a record of each word, with its length as the key unless it is 1.

use fluvio_smartmodule::{smartmodule, RecordData, Result, SmartModuleRecord};

#[smartmodule(array_map)]
pub fn words(record: &SmartModuleRecord) -> Result<Vec<(Option<RecordData>, RecordData)>> {
    let text = std::str::from_utf8(record.value.as_ref())?;
    let keyed = |word: &str| (word.len() != 1).then(|| RecordData::from(word.len().to_string()));
    Ok(text.split(' ').map(|word| (keyed(word), word.into())).collect())
}
