//! The output area: the records that a map or an aggregate makes, on their way to the host.

use std::cell::Cell;
use std::ptr;
use std::slice;

use crate::argument::Accumulated;
use crate::batch::{evaluate, Header, NO_ROOM};
use crate::data::RecordData;
use crate::record::SmartModuleRecord;

/// Bytes of the area's head: `count`, `used`, `needed` and a zero.
const HEAD: usize = 16;
/// Bytes of an entry: the input's index, the lengths of key and value, and a zero.
const ENTRY: usize = 16;

/// The key or the value of an output.
#[derive(Clone, Copy)]
pub enum Part<'a> {
    Own(&'a [u8]),
    None,
    /// That of the input.
    OfInput,
}

impl<'a> Part<'a> {
    #[inline(always)]
    fn length(self) -> i32 {
        match self {
            Part::Own(bytes) => bytes.len() as i32,
            Part::None => -1,
            Part::OfInput => -2,
        }
    }

    #[inline(always)]
    fn bytes(self) -> &'a [u8] {
        match self {
            Part::Own(bytes) => bytes,
            Part::None | Part::OfInput => &[],
        }
    }
}

/// The output area during a call. Positions are in bytes from its start.
pub struct Outputs {
    at: *mut u8,
    /// Behind the data; the entries grow towards it from the end of the area.
    data_end: usize,
    /// The newest entry.
    entry: usize,
    /// Of the current record: its index, and the above before its first output.
    index: u32,
    data_start: usize,
    entry_start: usize,
    size: usize,
    /// Whether an output of the current record did not fit: then all of them are in `kept`.
    overflowed: bool,
    kept: Kept,
    accumulator: *const [u8],
    /// What the accumulator is the text of, if that is known.
    number: Option<i64>,
}

/// The outputs of a record that did not fit, for the next call.
#[derive(Default)]
struct Kept {
    /// Which record it was; a host that goes on with another one has given this one up.
    record: Option<Identity>,
    data: Vec<u8>,
    /// Lengths of key and value.
    lengths: Vec<(i32, i32)>,
}

/// A record, recognised by all that a function can tell it by: in a chain, several have the same offset.
#[derive(PartialEq)]
struct Identity {
    index: u32,
    offset: i64,
    key: Option<RecordData>,
    value: RecordData,
}

impl Identity {
    fn of(record: &SmartModuleRecord) -> Self {
        let (key, value) = (record.key.clone(), record.value.clone());
        Identity { index: record.index(), offset: record.offset(), key, value }
    }
}

impl Kept {
    fn room(&self) -> usize {
        self.data.len() + ENTRY * self.lengths.len()
    }

    fn push(&mut self, key: Part<'_>, value: Part<'_>) {
        self.data.extend_from_slice(key.bytes());
        self.data.extend_from_slice(value.bytes());
        self.lengths.push((key.length(), value.length()));
    }
}

struct Between(Cell<Option<Kept>>);

// A module has no threads.
unsafe impl Sync for Between {}

/// What is kept from one call to the next.
static BETWEEN_CALLS: Between = Between(Cell::new(None));

/// Copy bytes. Short ones are copied as their first and their last 4, 8, 16 or 32 bytes, which may overlap: the host
/// copies in a call, which takes longer than that.
#[inline(always)]
unsafe fn copy(bytes: &[u8], to: *mut u8) {
    let (from, length) = (bytes.as_ptr(), bytes.len());
    match length {
        0 => {}
        1..=3 => {
            *to = *from;
            *to.add(length / 2) = *from.add(length / 2);
            *to.add(length - 1) = *from.add(length - 1);
        }
        4..=7 => copy_ends::<u32>(from, to, length),
        8..=15 => copy_ends::<u64>(from, to, length),
        16..=31 => copy_ends::<[u64; 2]>(from, to, length),
        32..=64 => copy_ends::<[u64; 4]>(from, to, length),
        _ => ptr::copy_nonoverlapping(from, to, length),
    }
}

#[inline(always)]
unsafe fn copy_ends<Part: Copy>(from: *const u8, to: *mut u8, length: usize) {
    let last = length - std::mem::size_of::<Part>();
    let first_part = ptr::read_unaligned(from as *const Part);
    let last_part = ptr::read_unaligned(from.add(last) as *const Part);
    ptr::write_unaligned(to as *mut Part, first_part);
    ptr::write_unaligned(to.add(last) as *mut Part, last_part);
}

/// As `evaluate`, for a kind that makes records: `one` puts its outputs into the area.
#[inline(always)]
pub fn transform(header: u32, mut one: impl FnMut(&SmartModuleRecord, &mut Outputs) -> u8) -> u32 {
    let mut outputs = Outputs::open(unsafe { Header::at(header) });
    evaluate(header, |record| {
        outputs.begin(record.index());
        let result = if outputs.repeats(record) { 1 } else { one(record, &mut outputs) };
        if outputs.commit(record) {
            result
        } else {
            NO_ROOM
        }
    })
}

/// As `evaluate`, for a kind that makes no records.
#[inline(always)]
pub fn select(header: u32, mut one: impl FnMut(&SmartModuleRecord, &mut Outputs) -> u8) -> u32 {
    let mut none = Outputs::none();
    evaluate(header, |record| one(record, &mut none))
}

impl Outputs {
    fn none() -> Self {
        Outputs {
            at: ptr::null_mut(),
            data_end: HEAD,
            entry: HEAD,
            index: 0,
            data_start: HEAD,
            entry_start: HEAD,
            size: 0,
            overflowed: false,
            kept: Kept::default(),
            accumulator: &[],
            number: None,
        }
    }

    fn open(header: &Header) -> Self {
        let kept = BETWEEN_CALLS.0.take();
        let size = header.outputs_size as usize;
        Outputs {
            at: header.outputs as usize as *mut u8,
            entry: size,
            size,
            kept: kept.unwrap_or_default(),
            accumulator: unsafe { header.accumulator() },
            ..Outputs::none()
        }
    }

    /// The aggregate's value before the current record. Valid until the call returns.
    #[inline(always)]
    pub fn accumulator<'a>(&self) -> Accumulated<'a> {
        Accumulated { bytes: unsafe { &*self.accumulator }, number: self.number }
    }

    /// Add an output of the current record.
    #[inline(always)]
    pub fn push(&mut self, key: Part<'_>, value: Part<'_>) {
        let (own_key, own_value) = (key.bytes(), value.bytes());
        if self.overflowed || own_key.len() + own_value.len() + ENTRY > self.entry - self.data_end {
            return self.overflow(key, value);
        }
        self.write(own_key);
        self.write(own_value);
        self.write_entry(key.length(), value.length());
    }

    /// Add an output that is the aggregate's new value: the text of a number, if there is one.
    #[inline(always)]
    pub fn accumulate(&mut self, value: &[u8], number: Option<i64>) {
        let at = self.data_end;
        self.push(Part::OfInput, Part::Own(value));
        if !self.overflowed {
            self.accumulator = unsafe { slice::from_raw_parts(self.at.add(at), value.len()) };
            self.number = number;
        }
    }

    #[inline(always)]
    fn write(&mut self, bytes: &[u8]) {
        unsafe { copy(bytes, self.at.add(self.data_end)) };
        self.data_end += bytes.len();
    }

    #[inline(always)]
    fn write_entry(&mut self, key: i32, value: i32) {
        self.entry -= ENTRY;
        unsafe {
            ptr::write(self.at.add(self.entry) as *mut [u32; 4], [self.index, key as u32, value as u32, 0])
        };
    }

    #[inline(always)]
    fn begin(&mut self, index: u32) {
        self.index = index;
        self.data_start = self.data_end;
        self.entry_start = self.entry;
    }

    /// Tell the host of the current record's outputs; false if they did not fit.
    #[inline(always)]
    fn commit(&mut self, record: &SmartModuleRecord) -> bool {
        if self.overflowed {
            self.keep(record);
            return false;
        }
        if self.entry != self.entry_start {
            unsafe {
                // Volatile: both must be in memory when a later record traps.
                ptr::write_volatile(self.head(0), ((self.size - self.entry) / ENTRY) as u32);
                ptr::write_volatile(self.head(4), (self.data_end - HEAD) as u32);
            }
        }
        true
    }

    unsafe fn head(&self, at: usize) -> *mut u32 {
        self.at.add(at) as *mut u32
    }

    /// Move what the current record has in the area to `kept`, and add an output there.
    #[cold]
    #[inline(never)]
    fn overflow(&mut self, key: Part<'_>, value: Part<'_>) {
        if !self.overflowed {
            self.overflowed = true;
            self.kept = Kept::default();
            let (start, end) = (self.data_start, self.data_end);
            unsafe {
                self.kept.data.extend_from_slice(slice::from_raw_parts(self.at.add(start), end - start));
                let entries = (self.entry..self.entry_start).step_by(ENTRY).rev();
                for [_, key, value, _] in entries.map(|at| *(self.at.add(at) as *const [u32; 4])) {
                    self.kept.lengths.push((key as i32, value as i32));
                }
            }
        }
        self.kept.push(key, value);
    }

    /// Keep the outputs that did not fit for the next call; if they have all of the area, say what they need.
    #[cold]
    #[inline(never)]
    fn keep(&mut self, record: &SmartModuleRecord) {
        if self.entry_start == self.size {
            unsafe { *self.head(8) = (HEAD + self.kept.room()) as u32 };
        }
        self.kept.record = Some(Identity::of(record));
        BETWEEN_CALLS.0.set(Some(std::mem::take(&mut self.kept)));
    }

    /// Whether the record's outputs are known from the last call, and then put again.
    #[inline(always)]
    fn repeats(&mut self, record: &SmartModuleRecord) -> bool {
        self.kept.record.is_some() && self.repeat(record)
    }

    #[cold]
    #[inline(never)]
    fn repeat(&mut self, record: &SmartModuleRecord) -> bool {
        let kept = std::mem::take(&mut self.kept);
        if kept.record != Some(Identity::of(record)) {
            return false;
        }
        if kept.room() > self.entry - self.data_end {
            self.overflowed = true;
            self.kept = kept;
            return true;
        }
        let at = self.data_end;
        self.write(&kept.data);
        kept.lengths.iter().for_each(|&(key, value)| self.write_entry(key, value));
        // Only for an aggregate, whose only output is its new value.
        self.accumulator = unsafe { slice::from_raw_parts(self.at.add(at), kept.data.len()) };
        self.number = None;
        true
    }
}
