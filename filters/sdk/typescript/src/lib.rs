//! Takes the types out of TypeScript: each record is a file, whose name is the key.
//!
//! Blanks take their place, so that each line and column stays what it was.

use std::cell::RefCell;
use std::rc::Rc;

use fluvio_tui_guest::glue::interpreter::{self, Outputs, Part, Problem};
use fluvio_tui_guest::glue::{self, ERROR};
use fluvio_tui_guest::SmartModuleRecord;
use swc_common::errors::{DiagnosticBuilder, Emitter, Handler, HANDLER};
use swc_common::sync::Lrc;
use swc_common::{FilePathMapping, SourceMap, GLOBALS};
use swc_ts_fast_strip::{operate, Mode, Options};

const SOMETHING: u8 = 1;

#[export_name = "smartstream_abi"]
extern "C" fn abi() -> u32 {
    glue::ABI_VERSION
}

#[export_name = "smartstream_alloc"]
extern "C" fn alloc(size: u32) -> u32 {
    glue::alloc(size)
}

#[export_name = "smartstream_source"]
extern "C" fn source(size: u32) -> u32 {
    interpreter::source(size)
}

/// There is nothing to load.
#[export_name = "smartstream_load"]
extern "C" fn load() -> u32 {
    interpreter::load(|_| Ok("map".to_owned()))
}

#[export_name = "smartstream_map"]
extern "C" fn map(header: u32) -> u32 {
    glue::transform(header, |record, outputs| match erase(record, outputs) {
        Ok(()) => SOMETHING,
        Err(problem) => {
            problem.report();
            ERROR
        }
    })
}

fn erase(record: &SmartModuleRecord, outputs: &mut Outputs) -> Result<(), Problem> {
    let name = record.key.as_ref().map(|key| key.as_utf8_lossy_string().into_owned()).unwrap_or_default();
    let text = record.value.as_utf8_lossy_string().into_owned();
    let files: Lrc<SourceMap> = Lrc::new(SourceMap::new(FilePathMapping::empty()));
    let first: FirstProblem = Rc::default();
    let emitter = Collector { files: files.clone(), name, first: first.clone() };
    let handler = Handler::with_emitter(true, false, Box::new(emitter));
    let options = Options { module: Some(true), mode: Mode::StripOnly, ..Options::default() };
    let done = GLOBALS.set(&Default::default(), || {
        HANDLER.set(&handler, || operate(&files, &handler, text, options))
    });
    match (done, first.take()) {
        (Ok(erased), _) => outputs.push(Part::OfInput, Part::Own(erased.code.as_bytes())),
        (Err(_), Some(problem)) => return Err(problem),
        (Err(error), None) => return Err(Problem { text: error.message, ..Problem::default() }),
    }
    Ok(())
}

type FirstProblem = Rc<RefCell<Option<Problem>>>;

/// Keeps the first of the parser's problems.
struct Collector {
    files: Lrc<SourceMap>,
    name: String,
    first: FirstProblem,
}

// A module has no threads.
unsafe impl Send for Collector {}

impl Emitter for Collector {
    fn emit(&mut self, found: &mut DiagnosticBuilder<'_>) {
        let place = found.span.primary_span().map(|span| {
            let at = self.files.lookup_char_pos(span.lo);
            format!("{}:{}:{}", self.name, at.line, at.col.0 + 1)
        });
        let text = format!("SyntaxError: {}", found.message());
        self.first.borrow_mut().get_or_insert(Problem { text, place, ..Problem::default() });
    }
}
