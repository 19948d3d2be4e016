//! Passes what contains the parameter `word`, or was stored before.

use std::sync::Mutex;

use fluvio_smartmodule::dataplane::smartmodule::{SmartModuleExtraParams, SmartModuleInitError};
use fluvio_smartmodule::{eyre, smartmodule, Result, SmartModuleRecord};

static WORD: Mutex<String> = Mutex::new(String::new());
static STORED: Mutex<Vec<Vec<u8>>> = Mutex::new(Vec::new());

#[smartmodule(init)]
fn init(params: SmartModuleExtraParams) -> Result<()> {
    let word = params.get("word").ok_or_else(|| SmartModuleInitError::MissingParam("word".to_string()))?;
    if word.is_empty() {
        return Err(eyre!("an empty word\nis in every record"));
    }
    *WORD.lock().unwrap() = word.clone();
    Ok(())
}

#[smartmodule(look_back)]
pub fn look_back(record: &SmartModuleRecord) -> Result<()> {
    if record.value.as_ref() == b"bad" {
        return Err(eyre!("bad record with key {:?}", record.key.as_ref().map(|key| key.len())));
    }
    STORED.lock().unwrap().push(record.value.to_vec());
    Ok(())
}

#[smartmodule(filter)]
pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
    let value = record.value.as_ref();
    let text = std::str::from_utf8(value)?;
    Ok(text.contains(WORD.lock().unwrap().as_str()) || STORED.lock().unwrap().iter().any(|known| known == value))
}
