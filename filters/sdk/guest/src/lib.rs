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
mod batch;
mod data;
mod documentation;
mod panics;
mod record;
mod region;

pub use answer::{Error, Result};
pub use data::RecordData;
pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen};
pub use record::{Record, SmartModuleRecord};

/// The names that a filter may use without importing them.
pub mod prelude {
    pub use crate::answer::{Error, Result};
    pub use crate::data::RecordData;
    pub use crate::record::{Record, SmartModuleRecord};
    pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen};
    pub use std::str;
}

#[doc(hidden)]
pub mod glue {
    pub use crate::allocator::Allocator;
    pub use crate::answer::{ByDebug, ByDisplay, FilterAnswer};
    pub use crate::batch::{evaluate, ABI_VERSION, ERROR};
    pub use crate::documentation::bytes_of;
    pub use crate::printing::{file_name, print, print_line};
    pub use crate::record::FilterArgument;
    pub use crate::region::alloc;
}
