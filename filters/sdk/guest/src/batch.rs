//! A batch as the host lays it out, and the loop over its records.

use std::mem::ManuallyDrop;
use std::ptr;
use std::slice;

use crate::area;
use crate::headers::Headers;
use crate::record::SmartModuleRecord;

pub const ABI_VERSION: u32 = 2;
/// In place of a result: the record's outputs do not fit, and it counts as not evaluated.
pub(crate) const NO_ROOM: u8 = 255;

/// The header of docs/abi.md, field for field.
#[derive(Default)]
#[repr(C)]
pub(crate) struct Header {
    pub(crate) version: u32,
    pub(crate) size: u32,
    pub(crate) start: u32,
    pub(crate) end: u32,
    pub(crate) base_offset: i64,
    pub(crate) partition: u32,
    pub(crate) count: u32,
    pub(crate) value_offsets: u32,
    pub(crate) values: u32,
    pub(crate) key_offsets: u32,
    pub(crate) keys: u32,
    pub(crate) key_validity: u32,
    pub(crate) timestamps: u32,
    pub(crate) verdicts: u32,
    pub(crate) progress: u32,
    pub(crate) messages: u32,
    pub(crate) messages_size: u32,
    pub(crate) offsets: u32,
    pub(crate) value_validity: u32,
    pub(crate) outputs: u32,
    pub(crate) outputs_size: u32,
    pub(crate) accumulator: u32,
    pub(crate) accumulator_size: u32,
    pub(crate) parameters: u32,
    pub(crate) parameters_size: u32,
    /// Number and age in milliseconds; -1 if that is no bound.
    pub(crate) look_back: [i64; 2],
    pub(crate) headers: u32,
    pub(crate) zero: u32,
}

const _: () = assert!(std::mem::size_of::<Header>() == 128);

impl Header {
    /// # Safety
    /// `address` must be the header that the host wrote for this call.
    #[inline(always)]
    pub(crate) unsafe fn at<'a>(address: u32) -> &'a Header {
        &*at::<Header>(address)
    }

    /// # Safety
    /// The host must have written the header, and the call must not have ended.
    pub(crate) unsafe fn accumulator<'a>(&self) -> &'a [u8] {
        bytes(at(self.accumulator), 0, self.accumulator_size)
    }

    /// # Safety
    /// As for `accumulator`.
    pub(crate) unsafe fn parameters<'a>(&self) -> &'a [u8] {
        bytes(at(self.parameters), 0, self.parameters_size)
    }
}

/// The columns of a batch.
pub struct Columns {
    base_offset: i64,
    partition: u32,
    offsets: *const i64,
    value_validity: *const u8,
    key_offsets: *const u32,
    keys: *const u8,
    key_validity: *const u8,
    timestamps: *const i64,
    headers: *const u8,
}

impl Columns {
    #[inline(always)]
    pub(crate) fn offset(&self, index: u32) -> i64 {
        if self.offsets.is_null() {
            return self.base_offset + i64::from(index);
        }
        unsafe { *self.offsets.add(index as usize) }
    }

    #[inline(always)]
    pub(crate) fn partition(&self) -> u32 {
        self.partition
    }

    #[inline(always)]
    pub(crate) fn has_value(&self, index: u32) -> bool {
        is_valid(self.value_validity, index as usize)
    }

    #[inline(always)]
    pub(crate) fn timestamp(&self, index: u32) -> i64 {
        unsafe { *self.timestamps.add(index as usize) }
    }

    pub(crate) fn headers(&self, index: u32) -> Headers<'_> {
        unsafe { Headers::of(self.headers, index) }
    }

    #[inline(always)]
    pub(crate) fn key(&self, index: u32) -> Option<&[u8]> {
        let index = index as usize;
        if self.key_offsets.is_null() || !is_valid(self.key_validity, index) {
            return None;
        }
        let (from, to) = unsafe { (*self.key_offsets.add(index), *self.key_offsets.add(index + 1)) };
        Some(unsafe { bytes(self.keys, from, to) })
    }
}

/// Whether the bit of a record is set; all are if there are no bits.
#[inline(always)]
pub(crate) fn is_valid(bits: *const u8, index: usize) -> bool {
    bits.is_null() || unsafe { *bits.add(index / 8) } >> (index % 8) & 1 == 1
}

/// The bytes `from..to` of a column; an empty column may be null.
#[inline(always)]
unsafe fn bytes<'a>(column: *const u8, from: u32, to: u32) -> &'a [u8] {
    if from == to {
        return &[];
    }
    slice::from_raw_parts(column.add(from as usize), (to - from) as usize)
}

#[inline(always)]
fn at<T>(address: u32) -> *mut T {
    address as usize as *mut T
}

/// Send messages to the area of this call, as those of the record `index`.
///
/// # Safety
/// The host must have written the header.
pub(crate) unsafe fn open_area(header: &Header, index: u32) {
    area::open(at(header.messages), header.messages_size, at(header.progress));
    ptr::write_volatile(at(header.progress), index);
}

/// Evaluate the records `start..end` of the batch whose header is at `header`.
///
/// `one` returns the result of a record. Returns the index of the first record that was not evaluated.
#[inline(always)]
pub(crate) fn evaluate(header: u32, mut one: impl FnMut(&SmartModuleRecord) -> u8) -> u32 {
    // The host wrote all this as docs/abi.md says, and writes nothing while the call runs.
    let header = unsafe { Header::at(header) };
    let columns = Columns {
        base_offset: header.base_offset,
        partition: header.partition,
        offsets: at(header.offsets),
        value_validity: at(header.value_validity),
        key_offsets: at(header.key_offsets),
        keys: at(header.keys),
        key_validity: at(header.key_validity),
        timestamps: at(header.timestamps),
        headers: at(header.headers),
    };
    let (offsets, values): (*const u32, *const u8) = (at(header.value_offsets), at(header.values));
    let (verdicts, progress): (*mut u8, *mut u32) = (at(header.verdicts), at(header.progress));
    let (start, end) = (header.start, header.end);
    area::open(at(header.messages), header.messages_size, progress);
    let mut from = unsafe { *offsets.add(start as usize) };
    for index in start..end {
        unsafe {
            // Volatile: both must be in memory, in this order, when a later record traps.
            ptr::write_volatile(progress, index);
            let to = *offsets.add(index as usize + 1);
            // Everything in it is borrowed: there is nothing to drop.
            let record = ManuallyDrop::new(SmartModuleRecord::of(&columns, index, bytes(values, from, to)));
            let result = one(&record);
            if result == NO_ROOM {
                return index;
            }
            ptr::write_volatile(verdicts.add(index as usize), result);
            from = to;
        }
        if area::touched() && area::is_full() {
            return index + 1;
        }
    }
    end
}
