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

use fluvio_tui_guest::glue;
use fluvio_tui_guest::glue::interpreter::{self, Init};

use crate::script::{Kind, Script};

static INIT: Init<()> = Init::new(|params| Script::loaded().init(params));

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

#[export_name = "smartstream_load"]
extern "C" fn load() -> u32 {
    interpreter::load(Script::load)
}

#[export_name = "smartstream_init"]
extern "C" fn init(header: u32) -> u32 {
    glue::init(header, &INIT)
}

#[export_name = "smartstream_look_back"]
extern "C" fn look_back(header: u32) -> u32 {
    let script = Script::loaded();
    glue::select(header, |record, outputs| script.look_back(record, outputs))
}

#[export_name = "smartstream_filter"]
extern "C" fn filter(header: u32) -> u32 {
    let script = Script::loaded();
    glue::select(header, |record, outputs| script.evaluate(Kind::Filter, record, outputs))
}

#[export_name = "smartstream_map"]
extern "C" fn map(header: u32) -> u32 {
    transform(header, Kind::Map)
}

#[export_name = "smartstream_filter_map"]
extern "C" fn filter_map(header: u32) -> u32 {
    transform(header, Kind::FilterMap)
}

#[export_name = "smartstream_array_map"]
extern "C" fn array_map(header: u32) -> u32 {
    transform(header, Kind::ArrayMap)
}

#[export_name = "smartstream_aggregate"]
extern "C" fn aggregate(header: u32) -> u32 {
    transform(header, Kind::Aggregate)
}

fn transform(header: u32, kind: Kind) -> u32 {
    let script = Script::loaded();
    glue::transform(header, |record, outputs| script.evaluate(kind, record, outputs))
}
