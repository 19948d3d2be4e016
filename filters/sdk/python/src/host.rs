//! What a source reaches outside of itself: printed lines, and the time of the current record.

use std::cell::{Cell, RefCell};

use fluvio_tui_guest::glue;
use rustpython_vm::builtins::PyStrRef;
use rustpython_vm::{PyResult, VirtualMachine};

/// The module in which `lib/_start.py` finds the functions below.
const MODULE: &str = "_host";

struct Outside {
    /// Milliseconds since the epoch.
    now: Cell<i64>,
    /// What was printed without the end of a line.
    begun: RefCell<String>,
}

// A module has no threads.
unsafe impl Sync for Outside {}

static OUTSIDE: Outside = Outside { now: Cell::new(0), begun: RefCell::new(String::new()) };

/// Give the standard library these functions in place of a clock and of files.
pub fn install(vm: &VirtualMachine) -> PyResult<()> {
    let functions = vm.ctx.new_dict();
    functions.set_item("now", vm.new_function("now", now).into(), vm)?;
    functions.set_item("write", vm.new_function("write", write).into(), vm)?;
    let module = vm.new_module(MODULE, functions, None);
    vm.sys_module.get_attr("modules", vm)?.set_item(MODULE, module.into(), vm)?;
    vm.import("_start", 0).map(drop)
}

/// Set the clock to a record's timestamp.
#[inline(always)]
pub fn set_time(milliseconds: i64) {
    OUTSIDE.now.set(milliseconds);
}

fn now(_: &VirtualMachine) -> f64 {
    OUTSIDE.now.get() as f64 / 1000.0
}

fn write(text: PyStrRef, _: &VirtualMachine) -> usize {
    let mut begun = OUTSIDE.begun.borrow_mut();
    begun.push_str(&text.to_string_lossy());
    while let Some(end) = begun.find('\n') {
        glue::print_line(format_args!("{}", &begun[..end]));
        begun.drain(..=end);
    }
    text.char_len()
}

/// Print the line that was begun: the next one belongs to another record.
#[inline(always)]
pub fn end_line() {
    if !OUTSIDE.begun.borrow().is_empty() {
        glue::print_line(format_args!("{}", OUTSIDE.begun.take()));
    }
}
