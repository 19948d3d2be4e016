//! The contract of Fluvio's engine, for `smartstream build --target fluvio`.
//!
//! A batch of the engine becomes calls of the function that keeps our own contract (docs/abi.md), one for each
//! record: an error ends the batch there, as it does in a module of Fluvio's SDK.

mod call;
mod input;
mod wire;

use std::cell::Cell;
use std::slice;

use self::call::Caller;
use self::input::{parameters, Batch};
use self::wire::{put_bytes, put_data, put_key, put_text, Reader, Record};
use crate::answer::{ERROR, NOTHING};

const UNREADABLE: i32 = -11;
const UNREADABLE_PARAMETERS: i32 = -10;
const INIT_FAILED: i32 = -2;
const LOOK_BACK_FAILED: i32 = -99;

// Of the module `env`, as whatever nothing defines. Named here, crates that are prelinked could not define it.
#[cfg(target_arch = "wasm32")]
extern "C" {
    fn copy_records(at: *const u8, size: u32);
}

/// Only a module has an engine to answer.
#[cfg(not(target_arch = "wasm32"))]
unsafe fn copy_records(_: *const u8, _: u32) {}

/// The last answer. The engine copies it after the call has returned; its memory serves the next one.
struct Answer(Cell<Vec<u8>>);

// A module has no threads.
unsafe impl Sync for Answer {}

static ANSWER: Answer = Answer(Cell::new(Vec::new()));

impl Answer {
    /// Memory for a new answer.
    fn begin(&self) -> Vec<u8> {
        let mut bytes = self.0.take();
        bytes.clear();
        bytes
    }

    fn give(&self, bytes: Vec<u8>) {
        unsafe { copy_records(bytes.as_ptr(), bytes.len() as u32) };
        self.0.set(bytes);
    }

    fn is_at(&self, at: u32) -> bool {
        unsafe { (*self.0.as_ptr()).as_ptr() as usize as u32 == at }
    }
}

/// Memory for an input; the function that gets the input frees it.
pub fn alloc(size: u32) -> u32 {
    Box::into_raw(vec![0u8; size as usize].into_boxed_slice()) as *mut u8 as usize as u32
}

/// Free what `alloc` returned. Some hosts free answers too.
pub fn dealloc(at: u32, size: u32) {
    if !ANSWER.is_at(at) {
        drop(owned(at, size));
    }
}

fn owned(at: u32, size: u32) -> Box<[u8]> {
    // The engine passes what it got of `alloc`.
    unsafe { Box::from_raw(slice::from_raw_parts_mut(at as usize as *mut u8, size as usize)) }
}

/// The export of a kind: how many records it made of a batch, or what failed.
#[inline(always)]
pub fn transform(kind: Kind, at: u32, size: u32, version: i32, call: impl Fn(u32) -> u32) -> i32 {
    let input = owned(at, size);
    match evaluate(kind, &input, version, call) {
        Some((count, out)) => {
            ANSWER.give(out);
            count as i32
        }
        None => UNREADABLE,
    }
}

/// As Fluvio numbers them.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Filter = 0,
    Map = 1,
    ArrayMap = 2,
    Aggregate = 3,
    FilterMap = 4,
}

#[inline(always)]
fn evaluate(kind: Kind, input: &[u8], version: i32, call: impl Fn(u32) -> u32) -> Option<(u32, Vec<u8>)> {
    let mut rest = Reader(input);
    let mut batch = Batch::read(&mut rest, version)?;
    let mut caller = Caller::new(call);
    if kind == Kind::Aggregate {
        caller.accumulator.extend_from_slice(rest.bytes()?);
    }
    let mut out = ANSWER.begin();
    out.extend_from_slice(&[0; 4]);
    let (mut count, mut failed) = (0u32, None);
    while let Some(record) = batch.next()? {
        let offset = batch.offset(&record);
        let result = caller.call(&record, offset, batch.timestamp(&record));
        if result == ERROR {
            failed = Some((record, offset));
            break;
        }
        if kind != Kind::Filter {
            count += caller.put_outputs(&record, &mut out);
        } else if result != NOTHING {
            out.extend_from_slice(record.whole);
            count += 1;
        }
        if kind == Kind::Aggregate {
            caller.accumulate();
        }
    }
    out[..4].copy_from_slice(&count.to_be_bytes());
    out.push(failed.is_some() as u8);
    if let Some((record, offset)) = failed {
        put_error(&mut out, offset, Some(kind), &record);
    }
    if kind == Kind::Aggregate {
        put_bytes(&mut out, &caller.accumulator);
    }
    Some((count, out))
}

/// The error of the last record.
fn put_error(out: &mut Vec<u8>, offset: i64, kind: Option<Kind>, record: &Record<'_>) {
    put_text(out, call::error_text());
    out.extend_from_slice(&offset.to_be_bytes());
    out.extend(kind.map(|kind| kind as u8));
    put_key(out, record.key);
    put_data(out, record.value);
}

/// `look_back`: 0, or what failed.
pub fn look_back(at: u32, size: u32, version: i32, call: impl Fn(u32) -> u32) -> i32 {
    let input = owned(at, size);
    all_looked_at(&input, version, call).unwrap_or(UNREADABLE)
}

fn all_looked_at(input: &[u8], version: i32, call: impl Fn(u32) -> u32) -> Option<i32> {
    let mut batch = Batch::read(&mut Reader(input), version)?;
    let mut caller = Caller::new(call);
    while let Some(record) = batch.next()? {
        let offset = batch.offset(&record);
        if caller.call(&record, offset, batch.timestamp(&record)) == ERROR {
            let mut out = ANSWER.begin();
            put_error(&mut out, offset, None, &record);
            ANSWER.give(out);
            return Some(LOOK_BACK_FAILED);
        }
    }
    Some(0)
}

/// `init`: 0, or what failed.
pub fn init(at: u32, size: u32, version: i32, call: impl Fn(u32) -> u32) -> i32 {
    let input = owned(at, size);
    let (parameters, look_back) = match parameters(&mut Reader(&input), version) {
        Some(found) => found,
        None => return UNREADABLE_PARAMETERS,
    };
    if call::init(&parameters, look_back, call) == 0 {
        return 0;
    }
    let mut out = ANSWER.begin();
    put_text(&mut out, call::error_text());
    ANSWER.give(out);
    INIT_FAILED
}
