//! What Python raises, as an error of a record or of the source.

use fluvio_tui_guest::glue::interpreter::{Call, Problem, STACK_CALLS};
use rustpython_vm::builtins::{PyBaseExceptionRef, PyTraceback};
use rustpython_vm::{AsObject, PyRef, VirtualMachine};

const NO_MODULE: &str = "ModuleNotFoundError";

/// An error without a place.
pub fn plain(text: impl Into<String>) -> Problem {
    Problem { text: text.into(), ..Problem::default() }
}

/// An exception, with the calls in the file `name` that it came through.
#[cold]
#[inline(never)]
pub fn problem(vm: &VirtualMachine, raised: &PyBaseExceptionRef, name: &str) -> Problem {
    let class = raised.class().name().to_string();
    let stack = stack_of(raised, name);
    let place = if raised.fast_isinstance(vm.ctx.exceptions.syntax_error) {
        place_of_syntax(vm, raised, name)
    } else {
        stack.first().map(|call| format!("{name}:{}:{}", call.line, call.column))
    };
    let said = said(vm, raised);
    let said = said.trim_end();
    let text = match (said.is_empty(), &*class) {
        (true, _) => class,
        (false, NO_MODULE) => format!("{class}: {said}, or it is not in Python (RustPython) for SmartStreams"),
        (false, _) => format!("{class}: {said}"),
    };
    Problem { text, place, stack }
}

/// The text of an exception; a syntax error's own would repeat its place.
fn said(vm: &VirtualMachine, raised: &PyBaseExceptionRef) -> String {
    let object = raised.as_object();
    let own = raised
        .fast_isinstance(vm.ctx.exceptions.syntax_error)
        .then(|| object.get_attr("msg", vm).and_then(|text| text.str(vm)));
    let text = own.and_then(Result::ok).map_or_else(|| object.str(vm), Ok);
    text.map_or_else(|_| "an exception without a text".to_owned(), |text| text.to_string_lossy().into_owned())
}

fn place_of_syntax(vm: &VirtualMachine, raised: &PyBaseExceptionRef, name: &str) -> Option<String> {
    let number = |attribute: &'static str| {
        let value = raised.as_object().get_attr(attribute, vm).ok()?;
        value.try_into_value::<usize>(vm).ok()
    };
    Some(format!("{name}:{}:{}", number("lineno")?, number("offset").unwrap_or(1).max(1)))
}

/// The calls of functions in the file `name` that an exception came through, the innermost first.
fn stack_of(raised: &PyBaseExceptionRef, name: &str) -> Vec<Call> {
    let entries = std::iter::successors(raised.__traceback__(), |entry| entry.next.lock().clone());
    let own = |entry: &PyRef<PyTraceback>| entry.frame.iframe().code().source_path().as_str() == name;
    let entries: Vec<_> = entries.filter(own).collect();
    entries.iter().rev().take(STACK_CALLS).map(|entry| call_of(entry)).collect()
}

fn call_of(entry: &PyTraceback) -> Call {
    let code = entry.frame.iframe().code();
    let line = entry.lineno.get();
    let instruction = usize::try_from(entry.lasti).unwrap_or(0) / 2;
    let start = code.locations.get(instruction).map(|(start, _)| start).filter(|one| one.line.get() == line);
    let column = start.map_or(1, |one| one.character_offset.get());
    Call { function: code.qualname.as_str().to_owned(), line, column }
}
