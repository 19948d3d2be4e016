//! The interpreter of SmartStreams in Python: RustPython behind the batch contract of docs/abi.md.
//!
//! One module serves all sources: the host hands over a source before the first record, and calls the function of the
//! kind that the source defines.

mod fault;
mod host;
mod json;
mod library;
mod output;
mod record;
mod script;

use crate::script::Script;

#[global_allocator]
static ALLOCATOR: fluvio_tui_guest::glue::Allocator = fluvio_tui_guest::glue::Allocator;

fluvio_tui_guest::interpreter!(Script);
