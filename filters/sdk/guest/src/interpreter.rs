//! The exports of docs/abi.md for a module that runs sources: the host hands one over before the first record.

use std::cell::UnsafeCell;

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

/// An error of a source, or of a record.
pub struct Problem {
    pub text: String,
    /// As `path:line:column`.
    pub place: Option<String>,
}

impl Problem {
    /// Report it, as that of the current record.
    #[cold]
    pub fn report(&self) {
        area::error(format_args!("{}", self.text));
        if let Some(place) = &self.place {
            area::error_place(place);
        }
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
