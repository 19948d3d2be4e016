//! The library that a filter is compiled with: the guest side of the batch contract (docs/abi.md, version 2).
//!
//! A filter's file sees `prelude` without a `use`, and the printing macros instead of std's. The root has the names
//! of Fluvio's `fluvio_smartmodule`, and of its older `fluvio_smartstream`. `glue` is only for the code that the
//! attributes generate.

#[macro_use]
mod printing;
mod allocator;
mod answer;
mod area;
mod argument;
mod batch;
mod data;
mod documentation;
mod error;
mod outputs;
mod panics;
mod record;
mod region;
mod value;

pub use data::RecordData;
pub use error::{Context, Error, Result};
pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen};
pub use record::{Record, SmartModuleRecord};

/// The names that a filter may use without importing them.
pub mod prelude {
    pub use crate::data::RecordData;
    pub use crate::error::{Context, Error, Result};
    pub use crate::record::{Record, SmartModuleRecord};
    pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen};
    pub use std::str;
}

#[doc(hidden)]
pub mod glue {
    pub use crate::allocator::Allocator;
    pub use crate::answer::{Aggregate, Answer, ArrayMap, Filter, FilterMap, LookBack, Map};
    pub use crate::answer::{ByDebug, ByDisplay, Outcome, ERROR};
    pub use crate::argument::{Accumulator, Argument};
    pub use crate::batch::ABI_VERSION;
    pub use crate::documentation::bytes_of;
    pub use crate::outputs::{select, transform};
    pub use crate::printing::{file_name, print, print_line};
    pub use crate::region::alloc;
}
