//! A record as a SmartStream sees it.

use std::fmt::{self, Debug, Formatter};

use crate::batch::Columns;
use crate::data::RecordData;

/// One record of the stream.
pub struct Record {
    columns: *const Columns,
    index: u32,
    /// The key, if the record has one.
    pub key: Option<RecordData>,
    /// The value; empty for a tombstone.
    pub value: RecordData,
}

/// The name of a record in Fluvio.
pub type SmartModuleRecord = Record;

impl Record {
    /// # Safety
    /// `columns` and `value` must outlive the record, which is passed by reference only; `index` must be in range.
    #[inline(always)]
    pub(crate) unsafe fn new(columns: &Columns, index: u32, value: &[u8]) -> Self {
        let key = columns.key(index).map(|key| RecordData::borrow(key));
        Record { columns, index, key, value: RecordData::borrow(value) }
    }

    /// Its number in the batch.
    #[inline(always)]
    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    #[inline(always)]
    fn columns(&self) -> &Columns {
        // The batch outlives the call, and a filter gets its records by reference only.
        unsafe { &*self.columns }
    }

    /// The key, if the record has one.
    #[inline(always)]
    pub fn key(&self) -> Option<&[u8]> {
        self.columns().key(self.index)
    }

    /// The value; empty for a tombstone.
    #[inline(always)]
    pub fn value(&self) -> &[u8] {
        &self.value
    }

    /// Whether the record has no value: in a compacted topic it deletes its key.
    #[inline]
    pub fn is_tombstone(&self) -> bool {
        !self.columns().has_value(self.index)
    }

    /// The record's offset in its partition. Offsets ascend, and may have gaps.
    #[inline]
    pub fn offset(&self) -> i64 {
        self.columns().offset(self.index)
    }

    /// The record's timestamp: milliseconds since the epoch, UTC.
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
