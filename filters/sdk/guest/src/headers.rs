//! The headers of a record: names with values.

use std::ops::Range;
use std::slice;

use crate::batch::is_valid;
use crate::text::text;

/// The headers of one record, in order; the same name may stand there more than once.
#[derive(Clone)]
pub struct Headers<'a> {
    arrays: Option<Arrays<'a>>,
    left: Range<u32>,
}

/// Where the host put the headers of all records of a batch, as docs/abi.md says.
#[derive(Clone, Copy)]
struct Arrays<'a> {
    start: *const u8,
    places: &'a [u32; 6],
}

impl<'a> Headers<'a> {
    pub(crate) const NONE: Self = Headers { arrays: None, left: 0..0 };

    /// # Safety
    /// `head` must be null or what the host wrote for a batch that lives for `'a` and has a record `index`.
    pub(crate) unsafe fn of(head: *const u8, index: u32) -> Self {
        if head.is_null() {
            return Headers::NONE;
        }
        let arrays = Arrays { start: head, places: &*(head as *const [u32; 6]) };
        let left = arrays.range(0, index);
        Headers { arrays: Some(arrays), left }
    }
}

impl<'a> Iterator for Headers<'a> {
    type Item = (&'a str, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        let arrays = self.arrays?;
        self.left.next().map(|index| unsafe { (arrays.name(index), arrays.value(index)) })
    }
}

impl DoubleEndedIterator for Headers<'_> {
    fn next_back(&mut self) -> Option<Self::Item> {
        let arrays = self.arrays?;
        self.left.next_back().map(|index| unsafe { (arrays.name(index), arrays.value(index)) })
    }
}

impl<'a> Arrays<'a> {
    unsafe fn name(&self, index: u32) -> &'a str {
        text(self.bytes(1, index)).unwrap_or("\u{fffd}")
    }

    unsafe fn value(&self, index: u32) -> Option<&'a [u8]> {
        let validity = if self.places[5] == 0 { std::ptr::null() } else { self.array(5) };
        is_valid(validity, index as usize).then(|| self.bytes(3, index))
    }

    /// Element `index` of the array whose ends are array `which` and whose bytes are the one after it.
    unsafe fn bytes(&self, which: usize, index: u32) -> &'a [u8] {
        let range = self.range(which, index);
        if range.is_empty() {
            return &[];
        }
        let from = self.array(which + 1).add(range.start as usize);
        slice::from_raw_parts(from, (range.end - range.start) as usize)
    }

    unsafe fn range(&self, which: usize, index: u32) -> Range<u32> {
        let ends = self.array(which) as *const u32;
        *ends.add(index as usize)..*ends.add(index as usize + 1)
    }

    unsafe fn array(&self, which: usize) -> *const u8 {
        self.start.add(self.places[which] as usize)
    }
}
