//! A record as a SmartStream sees it.

use std::fmt::{self, Debug, Formatter};
use std::ops::Deref;
use std::panic::Location;
use std::ptr;

use crate::batch::Columns;
use crate::data::RecordData;
use crate::headers::Headers;
use crate::json::{reported, Json};
use crate::trace;

/// One record of the stream, with the fields and methods of Fluvio's record.
pub struct SmartModuleRecord {
    columns: *const Columns,
    index: u32,
    /// The key, if the record has one.
    pub key: Option<RecordData>,
    /// The value; empty for a tombstone.
    pub value: RecordData,
}

/// One record of the stream, whose key and value are bytes.
#[repr(transparent)]
pub struct Record(SmartModuleRecord);

impl SmartModuleRecord {
    /// A record without a key, for tests of your own. Its offset and timestamp are 0.
    pub fn new(value: impl Into<RecordData>) -> Self {
        SmartModuleRecord { columns: ptr::null(), index: 0, key: None, value: value.into() }
    }

    /// A record with a key, for tests of your own. Its offset and timestamp are 0.
    pub fn new_key_value(key: impl Into<RecordData>, value: impl Into<RecordData>) -> Self {
        SmartModuleRecord { key: Some(key.into()), ..SmartModuleRecord::new(value) }
    }

    /// # Safety
    /// `columns` and `value` must outlive the record, which is passed by reference only; `index` must be in range.
    #[inline(always)]
    pub(crate) unsafe fn of(columns: &Columns, index: u32, value: &[u8]) -> Self {
        let key = columns.key(index).map(|key| RecordData::borrow(key));
        SmartModuleRecord { columns, index, key, value: RecordData::borrow(value) }
    }

    /// Its number in the batch.
    #[inline(always)]
    pub(crate) fn index(&self) -> u32 {
        self.index
    }

    #[inline(always)]
    pub(crate) fn plain(&self) -> &Record {
        // It is the same under another name.
        unsafe { &*(self as *const Self as *const Record) }
    }

    #[inline(always)]
    fn columns(&self) -> Option<&Columns> {
        // The batch outlives the call, and a SmartStream gets its records by reference only.
        unsafe { self.columns.as_ref() }
    }

    /// The key, if the record has one.
    #[inline(always)]
    pub fn key(&self) -> Option<&RecordData> {
        self.key.as_ref()
    }

    /// The value; empty for a tombstone.
    #[inline(always)]
    pub fn value(&self) -> &RecordData {
        &self.value
    }

    /// The value at a path in the record's value, if that is JSON: see `json`.
    #[inline]
    #[track_caller]
    pub fn json(&self, path: &str) -> Json<'_> {
        reported("json", &self.value, path)
    }

    /// Whether the record has no value: in a compacted topic it deletes its key.
    #[inline]
    pub fn is_tombstone(&self) -> bool {
        self.columns().map_or(false, |columns| !columns.has_value(self.index))
    }

    /// The record's offset in its partition. Offsets ascend, and may have gaps.
    #[inline]
    pub fn offset(&self) -> i64 {
        self.columns().map_or(0, |columns| columns.offset(self.index))
    }

    /// The number of the partition.
    #[inline]
    pub fn partition(&self) -> u32 {
        self.columns().map_or(0, Columns::partition)
    }

    /// The record's timestamp: milliseconds since the epoch, UTC.
    #[inline]
    pub fn timestamp(&self) -> i64 {
        self.columns().map_or(0, |columns| columns.timestamp(self.index))
    }

    /// The names and values of the record's headers, in order. A header may have no value.
    pub fn headers(&self) -> Headers<'_> {
        self.columns().map_or(Headers::NONE, |columns| columns.headers(self.index))
    }

    /// The value of a header; of the last one, if several have the name.
    #[track_caller]
    pub fn header(&self, name: &str) -> Option<&[u8]> {
        let found = self.headers().rfind(|(found, _)| *found == name).and_then(|(_, value)| value);
        if trace::on() {
            trace::report(Location::caller(), "header", name, found);
        }
        found
    }
}

impl Record {
    /// The key, if the record has one.
    #[inline(always)]
    pub fn key(&self) -> Option<&[u8]> {
        self.0.key.as_deref()
    }

    /// The value; empty for a tombstone.
    #[inline(always)]
    pub fn value(&self) -> &[u8] {
        &self.0.value
    }
}

impl Deref for Record {
    type Target = SmartModuleRecord;

    #[inline(always)]
    fn deref(&self) -> &SmartModuleRecord {
        &self.0
    }
}

impl Debug for SmartModuleRecord {
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

impl Debug for Record {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        Debug::fmt(&self.0, formatter)
    }
}
