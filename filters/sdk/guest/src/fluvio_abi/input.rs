//! What the engine passes: parameters, and batches.

use std::convert::TryFrom;

use super::wire::{Reader, Record};

/// The first versions with a part, and the last one.
const JOIN: i32 = 16;
const LOOK_BACK: i32 = 20;
const AGE: i32 = 21;
const TIMESTAMP: i32 = 22;
const LAST_WITH_PARAMETERS: i32 = 22;

/// The records of a call.
pub struct Batch<'a> {
    records: Reader<'a>,
    count: usize,
    base_offset: i64,
    base_timestamp: i64,
}

impl<'a> Batch<'a> {
    pub fn read(from: &mut Reader<'a>, version: i32) -> Option<Self> {
        let base_offset = from.i64()?;
        // Its length is the number of records, of which all that follows consists.
        let mut records = Reader(from.bytes()?);
        let count = records.u32()?;
        if version <= LAST_WITH_PARAMETERS {
            parameters(from, version)?;
            if version >= JOIN {
                from.bytes()?;
            }
        }
        let base_timestamp = if version >= TIMESTAMP { from.i64()? } else { 0 };
        Some(Batch { records, count, base_offset, base_timestamp })
    }

    /// The next record, or nothing after the last; `None` if it is unreadable.
    #[inline(always)]
    #[allow(clippy::option_option)]
    pub fn next(&mut self) -> Option<Option<Record<'a>>> {
        if self.count == 0 {
            return Some(None);
        }
        self.count -= 1;
        Record::read(&mut self.records).map(Some)
    }

    pub fn offset(&self, record: &Record<'_>) -> i64 {
        self.base_offset.wrapping_add(record.offset_delta)
    }

    pub fn timestamp(&self, record: &Record<'_>) -> i64 {
        self.base_timestamp.wrapping_add(record.timestamp_delta)
    }
}

/// Parameters in the layout of docs/abi.md, and the number and age of a look-back, -1 if there is no bound.
pub fn parameters(from: &mut Reader<'_>, version: i32) -> Option<(Vec<u8>, [i64; 2])> {
    let count = from.u16()?;
    let mut laid_out = (count as u32).to_le_bytes().to_vec();
    for _ in 0..count {
        let (name, value) = (from.text()?, from.text()?);
        laid_out.extend_from_slice(&(name.len() as u32).to_le_bytes());
        laid_out.extend_from_slice(&(value.len() as u32).to_le_bytes());
        laid_out.extend_from_slice(name);
        laid_out.extend_from_slice(value);
    }
    if version < LOOK_BACK || !from.flag()? {
        return Some((laid_out, [-1, -1]));
    }
    let last = from.i64()?;
    let age = if version >= AGE && from.flag()? { milliseconds(from)? } else { -1 };
    Some((laid_out, [last, age]))
}

fn milliseconds(from: &mut Reader<'_>) -> Option<i64> {
    let (seconds, nanoseconds) = (from.i64()?, from.u32()?);
    seconds.checked_mul(1000)?.checked_add(i64::try_from(nanoseconds).ok()? / 1_000_000)
}
