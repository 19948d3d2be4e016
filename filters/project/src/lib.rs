//! Passes readings that are close to the previous one.

// For `println!` and similar macros, which print a line about the current record.
#[macro_use]
extern crate fluvio_tui_guest;

mod reading;

use std::sync::Mutex;

use fluvio_tui_guest::prelude::*;

use crate::reading::Reading;

static BEFORE: Mutex<Option<Reading>> = Mutex::new(None);

/// Passes the first reading and those within a degree of the previous one; prints how far off the others are.
#[smartstream(filter)]
fn steady(value: &[u8]) -> Result<bool> {
    let reading: Reading = str::from_utf8(value)?.parse()?;
    let mut before = BEFORE.lock().unwrap();
    let step = before.map_or(0.0, |before| reading.distance(before));
    *before = Some(reading);
    if step > 1.0 {
        println!("{:.1} degrees off", step);
    }
    Ok(step <= 1.0)
}
