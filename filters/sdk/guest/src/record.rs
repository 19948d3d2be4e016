//! A record as a filter sees it, and what a filter may take.

use crate::batch::Columns;

/// One record of the stream.
pub struct Record {
    columns: *const Columns,
    index: u32,
    value: *const u8,
    value_len: usize,
}

impl Record {
    /// # Safety
    /// `columns` and `value` outlive the record, and `index` is one of theirs.
    #[inline(always)]
    pub(crate) unsafe fn new(columns: &Columns, index: u32, value: &[u8]) -> Self {
        Record { columns, index, value: value.as_ptr(), value_len: value.len() }
    }

    #[inline(always)]
    fn columns(&self) -> &Columns {
        // The batch outlives the call that hands out its records, and a filter gets them by reference only.
        unsafe { &*self.columns }
    }

    /// The record's key, where it has one.
    #[inline]
    pub fn key(&self) -> Option<&[u8]> {
        self.columns().key(self.index)
    }

    /// The record's value.
    #[inline(always)]
    pub fn value(&self) -> &[u8] {
        unsafe { std::slice::from_raw_parts(self.value, self.value_len) }
    }

    /// Where the record stands in its partition.
    #[inline]
    pub fn offset(&self) -> i64 {
        self.columns().offset(self.index)
    }

    /// The record's time: milliseconds since the epoch, UTC.
    #[inline]
    pub fn timestamp(&self) -> i64 {
        self.columns().timestamp(self.index)
    }
}

/// What a filter may take. The compiler lists the types below where a filter takes something else.
pub trait FilterArgument<'a> {
    fn of(record: &'a Record) -> Self;
}

impl<'a> FilterArgument<'a> for &'a [u8] {
    #[inline(always)]
    fn of(record: &'a Record) -> Self {
        record.value()
    }
}

impl<'a> FilterArgument<'a> for &'a Record {
    #[inline(always)]
    fn of(record: &'a Record) -> Self {
        record
    }
}
