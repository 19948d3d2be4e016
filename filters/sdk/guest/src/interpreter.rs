//! The exports of docs/abi.md for a module that runs sources: the host hands one over before the first record.

use std::cell::UnsafeCell;
use std::fmt::Write;

use crate::{area, panics};

/// Bytes of the message area of a load, in units of 4.
const AREA: usize = 2048;

struct Given {
    /// The name of the source, a zero, and its text.
    source: UnsafeCell<Vec<u8>>,
    area: UnsafeCell<[u32; AREA]>,
    /// In place of a record's index.
    progress: u32,
}

// A module has no threads.
unsafe impl Sync for Given {}

static GIVEN: Given =
    Given { source: UnsafeCell::new(Vec::new()), area: UnsafeCell::new([0; AREA]), progress: 0 };

/// A source as the host hands it over.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    pub name: &'a str,
    pub text: &'a str,
}

/// How many calls of a stack are reported.
pub const STACK_CALLS: usize = 32;

/// A function of the source that was being called, and where in it the next call, or the error, is.
pub struct Call {
    pub function: String,
    pub line: usize,
    pub column: usize,
}

/// An error of a source, or of a record.
#[derive(Default)]
pub struct Problem {
    pub text: String,
    /// As `path:line:column`.
    pub place: Option<String>,
    /// The calls of the source that it came through, the innermost first; at most `STACK_CALLS`.
    pub stack: Vec<Call>,
}

impl Problem {
    /// Report it, as that of the current record.
    #[cold]
    pub fn report(&self) {
        area::error(format_args!("{}", self.text));
        if let Some(place) = &self.place {
            area::error_place(place);
        }
        // A single one says no more than the place.
        if self.stack.len() > 1 {
            area::error_stack(&self.stack_lines());
        }
    }

    fn stack_lines(&self) -> String {
        let mut lines = String::new();
        for call in &self.stack {
            // A function of JavaScript may have any name.
            let name = call.function.replace('\n', " ");
            // A string takes all.
            let _ = writeln!(lines, "{}:{} {}", call.line, call.column, name);
        }
        lines
    }
}

/// `smartstream_source`: room for a source of `size` bytes.
pub fn source(size: u32) -> u32 {
    panics::install();
    let source = unsafe { &mut *GIVEN.source.get() };
    *source = vec![0; size as usize];
    source.as_mut_ptr() as usize as u32
}

/// `smartstream_load`: load the source; returns the message area with its functions, or with what is wrong.
pub fn load(run: impl FnOnce(Source<'_>) -> Result<String, Problem>) -> u32 {
    let source = unsafe { std::mem::take(&mut *GIVEN.source.get()) };
    let text = String::from_utf8_lossy(&source);
    let (name, text) = text.split_once('\0').unwrap_or(("", &text));
    let area = GIVEN.area.get() as *mut u32;
    unsafe { area.write(0) };
    area::open(area as *mut u8, (AREA * 4) as u32, &GIVEN.progress);
    match run(Source { name, text }) {
        Ok(functions) => area::functions(&functions),
        Err(problem) => problem.report(),
    }
    area as usize as u32
}

/// What a source does with records.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Filter,
    Map,
    FilterMap,
    ArrayMap,
    Aggregate,
}

/// The functions that a source may have, by their names in this program, with the kind that each of them makes.
pub const FUNCTIONS: [(&str, Option<Kind>); 7] = [
    ("filter", Some(Kind::Filter)),
    ("map", Some(Kind::Map)),
    ("filter_map", Some(Kind::FilterMap)),
    ("array_map", Some(Kind::ArrayMap)),
    ("aggregate", Some(Kind::Aggregate)),
    ("init", None),
    ("look_back", None),
];

/// Export the functions of an interpreter, which call those of its type for a source.
///
/// The type has `load`, which keeps a source; `loaded`, the one that was kept; and `init`, `look_back` and `evaluate`.
#[macro_export]
macro_rules! interpreter {
    ($script:ty) => {
        static INIT: $crate::glue::interpreter::Init<()> =
            $crate::glue::interpreter::Init::new(|params| <$script>::loaded().init(params));

        #[export_name = "smartstream_abi"]
        extern "C" fn abi() -> u32 {
            $crate::glue::ABI_VERSION
        }

        #[export_name = "smartstream_alloc"]
        extern "C" fn alloc(size: u32) -> u32 {
            $crate::glue::alloc(size)
        }

        #[export_name = "smartstream_source"]
        extern "C" fn source(size: u32) -> u32 {
            $crate::glue::interpreter::source(size)
        }

        #[export_name = "smartstream_load"]
        extern "C" fn load() -> u32 {
            $crate::glue::interpreter::load(<$script>::load)
        }

        #[export_name = "smartstream_init"]
        extern "C" fn init(header: u32) -> u32 {
            $crate::glue::init(header, &INIT)
        }

        #[export_name = "smartstream_look_back"]
        extern "C" fn look_back(header: u32) -> u32 {
            let script = <$script>::loaded();
            $crate::glue::select(header, |record, _| script.look_back(record))
        }

        #[export_name = "smartstream_filter"]
        extern "C" fn filter(header: u32) -> u32 {
            let script = <$script>::loaded();
            $crate::glue::select(header, |record, outputs| {
                script.evaluate($crate::glue::interpreter::Kind::Filter, record, outputs)
            })
        }

        #[export_name = "smartstream_map"]
        extern "C" fn map(header: u32) -> u32 {
            transform(header, $crate::glue::interpreter::Kind::Map)
        }

        #[export_name = "smartstream_filter_map"]
        extern "C" fn filter_map(header: u32) -> u32 {
            transform(header, $crate::glue::interpreter::Kind::FilterMap)
        }

        #[export_name = "smartstream_array_map"]
        extern "C" fn array_map(header: u32) -> u32 {
            transform(header, $crate::glue::interpreter::Kind::ArrayMap)
        }

        #[export_name = "smartstream_aggregate"]
        extern "C" fn aggregate(header: u32) -> u32 {
            transform(header, $crate::glue::interpreter::Kind::Aggregate)
        }

        fn transform(header: u32, kind: $crate::glue::interpreter::Kind) -> u32 {
            let script = <$script>::loaded();
            $crate::glue::transform(header, |record, outputs| script.evaluate(kind, record, outputs))
        }
    };
}
