//! Calls of the function that keeps our contract: the header, and where it writes.

use std::cell::UnsafeCell;
use std::slice;

use super::wire::Record;
use crate::batch::Header;

/// Bytes of the message area: room for the longest error beside what a record prints.
const MESSAGES: usize = 16 * 1024;
/// Bytes of the output area at first.
const OUTPUTS: usize = 16 * 1024;
/// Of the output area and of the message area; docs/abi.md says what they have.
const HEAD: usize = 16;
const ENTRY: usize = 16;
const MESSAGE_HEAD: usize = 8;
const MESSAGE_ENTRY: usize = 12;
const ERROR_TEXT: u32 = 1;
const NONE: i32 = -1;
const OF_INPUT: i32 = -2;

/// What a call writes at places that do not move.
#[repr(C)]
struct Written {
    messages: UnsafeCell<[u64; MESSAGES / 8]>,
    progress: UnsafeCell<u32>,
    result: UnsafeCell<u8>,
}

// A module has no threads.
unsafe impl Sync for Written {}

static WRITTEN: Written = Written {
    messages: UnsafeCell::new([0; MESSAGES / 8]),
    progress: UnsafeCell::new(0),
    result: UnsafeCell::new(0),
};

fn address<T: ?Sized>(of: *const T) -> u32 {
    of as *const u8 as usize as u32
}

/// A header with the places to write.
fn header() -> Header {
    Header {
        messages: address(WRITTEN.messages.get()),
        messages_size: MESSAGES as u32,
        progress: address(WRITTEN.progress.get()),
        verdicts: address(WRITTEN.result.get()),
        end: 1,
        count: 1,
        look_back: [-1, -1],
        ..Header::default()
    }
}

fn forget_messages() {
    unsafe { *(WRITTEN.messages.get() as *mut u32) = 0 };
}

/// The error that the last call reported.
pub fn error_text() -> &'static [u8] {
    let area = unsafe { slice::from_raw_parts(WRITTEN.messages.get() as *const u8, MESSAGES) };
    let end = MESSAGE_HEAD + word(area, 0) as usize;
    let mut at = MESSAGE_HEAD;
    while at < end {
        let (kind, length) = (word(area, at + 4), word(area, at + 8) as usize);
        at += MESSAGE_ENTRY;
        if kind == ERROR_TEXT {
            return &area[at..at + length];
        }
        at += (length + 3) & !3;
    }
    &[]
}

fn word(area: &[u8], at: usize) -> u32 {
    u32::from_le_bytes([area[at], area[at + 1], area[at + 2], area[at + 3]])
}

/// Call `smartstream_init`.
pub fn init(parameters: &[u8], look_back: [i64; 2], call: impl Fn(u32) -> u32) -> u32 {
    forget_messages();
    let header = Header {
        parameters: address(parameters),
        parameters_size: parameters.len() as u32,
        look_back,
        ..header()
    };
    call(address(&header))
}

/// Calls a function with one record after the other.
pub struct Caller<F> {
    call: F,
    header: Header,
    outputs: Vec<u64>,
    /// The aggregate's value before the next record.
    pub accumulator: Vec<u8>,
}

impl<F: Fn(u32) -> u32> Caller<F> {
    pub fn new(call: F) -> Self {
        Caller { call, header: header(), outputs: vec![0; OUTPUTS / 8], accumulator: Vec::new() }
    }

    /// The result of a record, as docs/abi.md numbers it.
    #[inline(always)]
    pub fn call(&mut self, record: &Record<'_>, offset: i64, timestamp: i64) -> u8 {
        let values = [0, record.value.len() as u32];
        let key = record.key.unwrap_or_default();
        let keys = [0, key.len() as u32];
        forget_messages();
        self.header.value_offsets = address(&values);
        self.header.values = address(record.value);
        self.header.key_offsets = if record.key.is_some() { address(&keys) } else { 0 };
        self.header.keys = address(key);
        self.header.offsets = address(&offset);
        self.header.timestamps = address(&timestamp);
        self.header.accumulator = address(self.accumulator.as_slice());
        self.header.accumulator_size = self.accumulator.len() as u32;
        loop {
            self.header.outputs = address(self.outputs.as_mut_ptr());
            self.header.outputs_size = (self.outputs.len() * 8) as u32;
            self.outputs[..2].fill(0);
            if (self.call)(address(&self.header)) == 1 {
                return unsafe { *WRITTEN.result.get() };
            }
            let needed = self.word(2) as usize;
            self.outputs = vec![0; needed / 8 + 1];
        }
    }

    /// Write the outputs of the record; returns how many they are.
    #[inline(always)]
    pub fn put_outputs(&self, record: &Record<'_>, out: &mut Vec<u8>) -> u32 {
        let count = self.word(0);
        let mut data = HEAD;
        for number in 1..=count as usize {
            let entry = (self.outputs.len() * 8 - ENTRY * number) / 4;
            let key = self.part(self.word(entry + 1), record.key, &mut data);
            let value = self.part(self.word(entry + 2), Some(record.value), &mut data);
            record.put_with(out, key, value.unwrap_or_default());
        }
        count
    }

    /// Keep the record's only output as the aggregate's value.
    #[inline(always)]
    pub fn accumulate(&mut self) {
        let mut value = std::mem::take(&mut self.accumulator);
        value.clear();
        value.extend_from_slice(self.bytes(HEAD, self.word(1) as usize));
        self.accumulator = value;
    }

    #[inline(always)]
    fn part<'a>(&'a self, length: u32, of_input: Option<&'a [u8]>, data: &mut usize) -> Option<&'a [u8]> {
        match length as i32 {
            OF_INPUT => of_input,
            NONE => None,
            _ => {
                let start = *data;
                *data += length as usize;
                Some(self.bytes(start, length as usize))
            }
        }
    }

    /// Of the output area.
    #[inline(always)]
    fn bytes(&self, start: usize, length: usize) -> &[u8] {
        assert!(start + length <= self.outputs.len() * 8);
        unsafe { slice::from_raw_parts((self.outputs.as_ptr() as *const u8).add(start), length) }
    }

    #[inline(always)]
    fn word(&self, at: usize) -> u32 {
        let word = self.bytes(at * 4, 4);
        u32::from_le_bytes([word[0], word[1], word[2], word[3]])
    }
}
