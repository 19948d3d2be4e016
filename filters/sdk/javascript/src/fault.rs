//! What JavaScript throws, as an error of a record or of the source.

use std::cell::RefCell;

use fluvio_tui_guest::glue::interpreter::Problem;
use rquickjs_sys::*;

use crate::context::{context, Value};

struct FileName(RefCell<String>);

// A module has no threads.
unsafe impl Sync for FileName {}

static FILE: FileName = FileName(RefCell::new(String::new()));

/// Remember the name by which places of the source are recognised.
pub fn set_file(name: &str) {
    *FILE.0.borrow_mut() = name.to_owned();
}

/// The text of an error, and the place of the source that it came from.
pub struct Fault {
    pub text: String,
    /// As `name:line:column`.
    pub place: Option<String>,
}

impl Fault {
    pub fn new(text: impl Into<String>) -> Fault {
        Fault { text: text.into(), place: None }
    }

    /// The exception that is pending.
    #[cold]
    #[inline(never)]
    pub fn take() -> Fault {
        let thrown = unsafe { JS_GetException(context()) };
        let Ok(thrown) = Value::of(thrown) else { return Fault::new("an exception without a text") };
        let text = thrown.to_text().unwrap_or_else(|_| "an exception without a text".to_owned());
        Fault { text, place: place_of(&thrown) }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        Problem { text: fault.text, place: fault.place }
    }
}

/// The first place of the source in an exception's stack.
fn place_of(thrown: &Value) -> Option<String> {
    if !thrown.is_object() {
        return None;
    }
    let stack = thrown.property(c"stack").ok()?;
    if !stack.is_text() {
        return None;
    }
    let stack = stack.to_text().ok()?;
    let name = FILE.0.borrow();
    let after = stack.lines().find_map(|line| line.split_once(&**name))?.1;
    let numbers = after.split(|c: char| c != ':' && !c.is_ascii_digit()).next()?;
    // Some places have no column.
    let column = if numbers.matches(':').count() == 1 { ":1" } else { "" };
    Some(format!("{name}{numbers}{column}"))
}
