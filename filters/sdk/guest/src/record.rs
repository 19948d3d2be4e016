//! A record as a filter sees it, and what a filter may take.

use std::fmt::{self, Debug, Formatter};

use crate::batch::Columns;
use crate::data::RecordData;

/// One record of the stream.
pub struct Record {
    columns: *const Columns,
    index: u32,
    /// The record's key, where it has one.
    pub key: Option<RecordData>,
    /// The record's value.
    pub value: RecordData,
}

/// A record, under the name that it has in Fluvio.
pub type SmartModuleRecord = Record;

impl Record {
    /// # Safety
    /// `columns` and `value` outlive the record, which is handed out by reference only, and `index` is one of
    /// theirs.
    #[inline(always)]
    pub(crate) unsafe fn new(columns: &Columns, index: u32, value: &[u8]) -> Self {
        let key = columns.key(index).map(|key| RecordData::borrow(key));
        Record { columns, index, key, value: RecordData::borrow(value) }
    }

    #[inline(always)]
    fn columns(&self) -> &Columns {
        // The batch outlives the call that hands out its records, and a filter gets them by reference only.
        unsafe { &*self.columns }
    }

    /// The record's key, where it has one.
    #[inline(always)]
    pub fn key(&self) -> Option<&[u8]> {
        self.columns().key(self.index)
    }

    /// The record's value.
    #[inline(always)]
    pub fn value(&self) -> &[u8] {
        &self.value
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

impl Debug for Record {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Record")
            .field("offset", &self.offset())
            .field("timestamp", &self.timestamp())
            .field("key", &self.key)
            .field("value", &self.value)
            .finish()
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
