//! What functions return, as outputs.

use fluvio_tui_guest::glue::interpreter::{Outputs, Part};

use crate::context::Value;
use crate::fault::Fault;

/// An output: a text, bytes, `{key, value}`, or anything else as JSON.
pub struct Output {
    key: Content,
    value: Content,
}

impl Output {
    pub fn of(value: &Value) -> Result<Output, Fault> {
        Ok(match pair(value)? {
            Some((key, value)) => Output { key: Content::of(&key)?, value: Content::of(&value)? },
            None => Output { key: Content::OfInput, value: Content::of(value)? },
        })
    }

    pub fn put(&self, outputs: &mut Outputs) {
        outputs.push(self.key.part(), self.value.part());
    }
}

/// The accumulator after a record.
pub fn accumulate(value: &Value, outputs: &mut Outputs) -> Result<(), Fault> {
    match Content::of(value)? {
        Content::Own(bytes) => outputs.accumulate(&bytes, None),
        _ => return Err(Fault::new("aggregate returned nothing: return the next accumulator")),
    }
    Ok(())
}

/// The key and the value of an object that has a value and at most a key beside it.
fn pair(value: &Value) -> Result<Option<(Value, Value)>, Fault> {
    if !value.is_object() || value.is_array() || value.bytes().is_some() {
        return Ok(None);
    }
    let names = value.names()?;
    let fits = names.iter().all(|name| name == "key" || name == "value");
    if !fits || !names.iter().any(|name| name == "value") {
        return Ok(None);
    }
    Ok(Some((value.property(c"key")?, value.property(c"value")?)))
}

/// The key or the value of an output.
enum Content {
    Own(Vec<u8>),
    None,
    OfInput,
}

impl Content {
    fn of(value: &Value) -> Result<Content, Fault> {
        if value.is_undefined() {
            return Ok(Content::OfInput);
        }
        if value.is_nothing() {
            return Ok(Content::None);
        }
        if let Some(bytes) = value.bytes() {
            return Ok(Content::Own(bytes.to_vec()));
        }
        if value.is_text() {
            return Ok(Content::Own(utf8(value)?));
        }
        let json = value.to_json()?;
        if !json.is_text() {
            let shown = value.to_text().unwrap_or_default();
            return Err(Fault::new(format!(
                "{shown} has no JSON: return text, bytes, or what JSON can have"
            )));
        }
        Ok(Content::Own(utf8(&json)?))
    }

    fn part(&self) -> Part<'_> {
        match self {
            Content::Own(bytes) => Part::Own(bytes),
            Content::None => Part::None,
            Content::OfInput => Part::OfInput,
        }
    }
}

fn utf8(text: &Value) -> Result<Vec<u8>, Fault> {
    text.with_text(|bytes| match std::str::from_utf8(bytes) {
        Ok(_) => bytes.to_vec(),
        Err(_) => String::from_utf8_lossy(bytes).into_owned().into_bytes(),
    })
}
