//! What JavaScript throws, as an error of a record or of the source.

use std::cell::RefCell;

use fluvio_tui_guest::glue::interpreter::{Call, Problem, STACK_CALLS};
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

/// The text of an error, and the calls of the source that it came through.
pub struct Fault {
    pub text: String,
    /// The innermost first.
    pub stack: Vec<Call>,
}

impl Fault {
    pub fn new(text: impl Into<String>) -> Fault {
        Fault { text: text.into(), stack: Vec::new() }
    }

    /// The exception that is pending.
    #[cold]
    #[inline(never)]
    pub fn take() -> Fault {
        let thrown = unsafe { JS_GetException(context()) };
        let Ok(thrown) = Value::of(thrown) else { return Fault::new("an exception without a text") };
        let text = thrown.to_text().unwrap_or_else(|_| "an exception without a text".to_owned());
        Fault { text, stack: stack_of(&thrown) }
    }
}

impl From<Fault> for Problem {
    fn from(fault: Fault) -> Problem {
        let file = FILE.0.borrow();
        let place = fault.stack.first().map(|call| format!("{file}:{}:{}", call.line, call.column));
        Problem { text: fault.text, place, stack: fault.stack }
    }
}

/// The calls of the source in an exception's stack, the innermost first.
fn stack_of(thrown: &Value) -> Vec<Call> {
    let text = if thrown.is_object() { thrown.property(c"stack").ok() } else { None };
    let Some(Ok(text)) = text.filter(Value::is_text).map(|text| text.to_text()) else { return Vec::new() };
    let file = FILE.0.borrow();
    text.lines().filter_map(|line| call_of(line, &file)).take(STACK_CALLS).collect()
}

/// What a line of a stack says: `at function (file:line:column)`, or `at file:line:column` for a syntax error.
fn call_of(line: &str, file: &str) -> Option<Call> {
    let (function, place) = line.rsplit_once(file)?;
    let mut numbers = place.split(|c: char| !c.is_ascii_digit()).filter_map(|number| number.parse().ok());
    let line = numbers.next()?;
    // Some places have no column.
    let column = numbers.next().unwrap_or(1);
    let function = function.trim_start().trim_start_matches("at ").trim_end_matches(" (").to_owned();
    Some(Call { function, line, column })
}
