//! The library that a SmartStream is compiled with: the guest side of the batch contract (docs/abi.md, version 2).
//!
//! A SmartStream's file sees `prelude` without a `use`, and the printing macros instead of std's. The root has the
//! names of Fluvio's `fluvio_smartmodule`, and of its older `fluvio_smartstream`. `glue` is only for the code that
//! the attributes generate.

#[macro_use]
mod printing;
mod allocator;
mod answer;
mod area;
mod argument;
mod batch;
mod data;
mod decimal;
mod documentation;
mod error;
mod fluvio;
mod fluvio_abi;
mod headers;
mod interpreter;
mod json;
mod outputs;
mod panics;
mod params;
mod record;
mod region;
mod text;
mod trace;
mod value;

pub use data::RecordData;
pub use error::{Context, Error, Result};
pub use fluvio::{dataplane, Offset, SMARTMODULE_TIMESTAMPS_VERSION};
pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen, SmartOpt};
pub use json::{json, Json};
pub use params::{Lookback, Params as SmartModuleExtraParams, SmartModuleInitError};
pub use record::{SmartModuleRecord as Record, SmartModuleRecord};

/// The names that a SmartStream may use without importing them.
pub mod prelude {
    pub use crate::data::RecordData;
    pub use crate::error::{Context, Error, Result};
    pub use crate::json::{json, Json};
    pub use crate::params::{param, Params};
    pub use crate::record::{Record, SmartModuleRecord};
    pub use fluvio_tui_macros::{smartmodule, smartstream, wasm_bindgen, SmartOpt};
    pub use std::str;
}

#[doc(hidden)]
pub mod glue {
    pub use crate::allocator::Allocator;
    pub use crate::answer::{Aggregate, Answer, ArrayMap, Filter, FilterMap, LookBack, Map};
    pub use crate::answer::{ByDebug, ByDisplay, ERROR};
    pub use crate::argument::{Accumulator, Argument};
    pub use crate::batch::ABI_VERSION;
    pub use crate::documentation::bytes_of;
    pub use crate::outputs::{select, transform};
    pub use crate::params::{init, Init, InitAnswer, InitArgument};
    pub use crate::printing::{file_name, print, print_line};
    pub use crate::region::alloc;
    pub use crate::trace::switch as trace;

    /// For a module that runs sources which the host hands over.
    pub mod interpreter {
        pub use crate::interpreter::{load, source, Call, Kind, Problem, Source, FUNCTIONS, STACK_CALLS};
        pub use crate::outputs::{Outputs, Part};
        pub use crate::params::Init;
    }

    /// The same, for Fluvio's engine.
    pub mod fluvio {
        pub use crate::fluvio_abi::{alloc, dealloc, init, look_back, transform, Kind};
    }

    /// What a function of a kind finds if its file has nothing of the same name.
    pub mod by_default {
        use crate::params::{Init, NoInit};

        #[allow(non_upper_case_globals)]
        pub static OnlyOneInitInAFile: Init<NoInit> = Init::new(|_| Some(NoInit));
    }
}
