use std::error::Error as StdError;
use std::fmt;

use fluvio_smartmodule::{eyre, smartmodule, Error, Result, SmartModuleRecord};

#[derive(Debug)]
struct Broken {
    cause: std::num::ParseIntError,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        write!(f, "a broken number")
    }
}

impl StdError for Broken {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        Some(&self.cause)
    }
}

fn refused(text: &str) -> Error {
    Error::msg(format!("{text} is refused"))
}

#[smartmodule(filter)]
pub fn filter(record: &SmartModuleRecord) -> Result<bool> {
    let text: &str = record.value.as_str()?;
    if text == "refused" {
        return Err(refused(text));
    }
    if text.is_empty() {
        return Err(eyre!("empty, at {}", record.offset()));
    }
    if let Some(digits) = text.strip_prefix("deep ") {
        let parsed = digits.parse::<u8>().map_err(|cause| Error::new(Broken { cause }).wrap_err("unusable"));
        return Ok(parsed? > 0);
    }
    Ok(text.parse::<u8>().map_err(|cause| Broken { cause })? > 9)
}
