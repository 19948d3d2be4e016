//! The interpreter of SmartStreams in JavaScript: QuickJS behind the batch contract of docs/abi.md.
//!
//! One module serves all sources: the host hands over a source before the first record, and calls the function of the
//! kind that the source exports.

mod console;
mod context;
mod fault;
mod output;
mod record;
mod script;

use crate::script::Script;

fluvio_tui_guest::interpreter!(Script);
