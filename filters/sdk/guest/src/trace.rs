//! Reports what a SmartStream reads, while the host asks for it.

use std::cell::Cell;
use std::panic::Location;

use crate::area;

/// Bytes of what was read that are reported at most.
const SHOWN: usize = 512;

struct Switch(Cell<bool>);

// A module has no threads.
unsafe impl Sync for Switch {}

static ON: Switch = Switch(Cell::new(false));

/// Report from now on, or no longer.
pub fn switch(on: u32) {
    ON.0.set(on != 0);
}

/// Whether to report: all that this costs a SmartStream that is not traced.
#[inline(always)]
pub(crate) fn on() -> bool {
    ON.0.get()
}

/// Report a call of `name` and what it found.
#[cold]
#[inline(never)]
pub(crate) fn report(place: &Location<'_>, name: &str, argument: &str, found: Option<&[u8]>) {
    let end = if found.is_some() { "\n" } else { "" };
    let found = found.unwrap_or_default();
    let text = String::from_utf8_lossy(&found[..found.len().min(SHOWN)]);
    area::read(format_args!("{}\n{}({:?}){}{}", place, name, argument, end, text));
}
