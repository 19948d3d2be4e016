//! The message area: errors, panics and printed lines on their way to the host.

use std::cell::Cell;
use std::fmt::{self, Write};
use std::panic::Location;
use std::ptr::{self, null_mut};

/// Bytes of the area's head: `used` and `lost`.
const HEAD: usize = 8;
/// Bytes of an entry's head: record, kind, length.
const ENTRY: usize = 12;
/// Bytes reserved for a panic.
const RESERVE: usize = 4096;
/// Bytes of an error's text or of a printed line; longer ones are cut.
const TEXT: usize = 1024;
/// Bytes that are left for the lines of another record, or else the host empties the area before it.
const LINES: usize = 4 * (ENTRY + TEXT);
/// Bytes of a panic's place: a long path and two numbers.
const PLACE: usize = 1536;
/// Bytes of a panic's message, so that both fit into the reserve with their heads and padding.
const MESSAGE: usize = RESERVE - PLACE - 2 * (ENTRY + 4);
const CUT: &str = "…";

const ERROR: u32 = 1;
const PANIC: u32 = 2;
/// Of the error or the panic before it.
const PLACED: u32 = 3;
const PRINTED: u32 = 4;
const READ: u32 = 5;
const FUNCTIONS: u32 = 6;
/// Of the error before it.
const STACK: u32 = 7;

struct Area {
    at: Cell<*mut u8>,
    size: Cell<usize>,
    progress: Cell<*const u32>,
    /// Whether anything was written since the call began or the last record was checked.
    touched: Cell<bool>,
    /// Whether a line was printed since the call began.
    printed: Cell<bool>,
    line: Cell<Line>,
}

/// An unfinished line of `print!`.
#[derive(Clone, Copy)]
enum Line {
    None,
    /// Written after the last entry, and not yet counted among the entries.
    Open(Text),
    /// There is no room for it.
    Lost,
}

// A module has no threads.
unsafe impl Sync for Area {}

static AREA: Area = Area {
    at: Cell::new(null_mut()),
    size: Cell::new(0),
    progress: Cell::new(ptr::null()),
    touched: Cell::new(false),
    printed: Cell::new(false),
    line: Cell::new(Line::None),
};

/// Begin a call with the area that the host gave it.
pub(crate) fn open(at: *mut u8, size: u32, progress: *const u32) {
    AREA.at.set(at);
    AREA.size.set(size as usize);
    AREA.progress.set(progress);
    AREA.touched.set(false);
    AREA.printed.set(false);
    // A record that trapped may have left an unfinished one.
    AREA.line.set(Line::None);
}

/// Whether the last record wrote anything.
#[inline(always)]
pub(crate) fn touched() -> bool {
    AREA.touched.get()
}

/// Finish the last record's line; whether too little room is left for another record.
#[cold]
#[inline(never)]
pub(crate) fn is_full() -> bool {
    AREA.end_line();
    AREA.touched.set(false);
    AREA.room() < RESERVE || (AREA.printed.get() && AREA.room_for_lines() < LINES)
}

/// Report the error of the current record.
pub(crate) fn error(text: fmt::Arguments<'_>) {
    AREA.end_line();
    AREA.report(ERROR, TEXT, text);
}

/// Report where the error that was reported last came from.
pub(crate) fn error_place(place: &str) {
    AREA.report(PLACED, PLACE, format_args!("{}", place));
}

/// Report the calls that the error that was reported last came through, one per line.
pub(crate) fn error_stack(calls: &str) {
    AREA.report(STACK, TEXT, format_args!("{}", calls));
}

/// Report the names of a source's functions.
pub(crate) fn functions(names: &str) {
    AREA.end_line();
    AREA.report(FUNCTIONS, TEXT, format_args!("{}", names));
}

/// Report what the current record's evaluation read.
pub(crate) fn read(text: fmt::Arguments<'_>) {
    AREA.end_line();
    AREA.report(READ, TEXT, text);
}

/// Report a panic: it may fill the rest of the area.
pub(crate) fn panic(message: &str, place: Option<&Location<'_>>) {
    AREA.end_line();
    AREA.report(PANIC, MESSAGE, format_args!("{}", message));
    if let Some(place) = place {
        AREA.report(PLACED, PLACE, format_args!("{}", place));
    }
}

/// Report a failed allocation, in the words that Rust itself uses for it. The record traps, unless the SmartStream
/// handles the failure.
#[cold]
#[inline(never)]
pub(crate) fn failed_allocation(size: usize) {
    AREA.end_line();
    AREA.report(PANIC, MESSAGE, format_args!("memory allocation of {} bytes failed", size));
}

/// Print a part of a line, or several lines.
pub(crate) fn print(text: fmt::Arguments<'_>) {
    // A `Display` that fails has printed what it could; that is the SmartStream's own concern.
    let _ = Printer.write_fmt(text);
}

impl Area {
    unsafe fn word(&self, at: usize) -> *mut u32 {
        self.at.get().add(at) as *mut u32
    }

    fn used(&self) -> usize {
        if self.at.get().is_null() {
            return self.size.get();
        }
        unsafe { *self.word(0) as usize }
    }

    /// Bytes left for entries.
    fn room(&self) -> usize {
        self.size.get().saturating_sub(HEAD + self.used())
    }

    /// Bytes left for printed lines: they get half of the area, so that there is always room for errors.
    fn room_for_lines(&self) -> usize {
        (self.size.get().saturating_sub(RESERVE) / 2).saturating_sub(HEAD + self.used())
    }

    fn lose(&self) {
        if self.size.get() >= HEAD && !self.at.get().is_null() {
            unsafe { *self.word(4) += 1 };
        }
    }

    /// Start a text of at most `limit` bytes after the last entry, in `room`; none if that is too small.
    fn start(&self, limit: usize, room: usize) -> Option<Text> {
        self.touched.set(true);
        let room = room.checked_sub(ENTRY + 4).filter(|room| *room >= CUT.len())?;
        Some(Text { at: HEAD + self.used() + ENTRY, length: 0, limit: limit.min(room), cut: false })
    }

    /// Turn the text started last into an entry.
    fn finish(&self, kind: u32, text: Text) {
        let padded = (text.length + 3) & !3;
        unsafe {
            let end = self.at.get().add(text.at + text.length);
            ptr::write_bytes(end, 0, padded - text.length);
            *self.word(text.at - 12) = *self.progress.get();
            *self.word(text.at - 8) = kind;
            *self.word(text.at - 4) = text.length as u32;
            *self.word(0) = (text.at + padded - HEAD) as u32;
        }
    }

    fn report(&self, kind: u32, limit: usize, arguments: fmt::Arguments<'_>) {
        match self.start(limit, self.room()) {
            Some(mut text) => {
                // As in `print`.
                let _ = text.write_fmt(arguments);
                self.finish(kind, text);
            }
            None => self.lose(),
        }
    }

    fn begin_line(&self) {
        self.printed.set(true);
        self.line.set(match self.start(TEXT, self.room_for_lines()) {
            Some(text) => Line::Open(text),
            None => {
                self.lose();
                Line::Lost
            }
        });
    }

    fn end_line(&self) {
        if let Line::Open(text) = self.line.replace(Line::None) {
            self.finish(PRINTED, text);
        }
    }
}

/// A text being written into the area.
#[derive(Clone, Copy)]
struct Text {
    at: usize,
    length: usize,
    /// The most bytes that it may have.
    limit: usize,
    /// Whether it was longer and has been cut; then nothing is added any more.
    cut: bool,
}

impl Text {
    fn push(&mut self, piece: &str) {
        unsafe {
            let end = AREA.at.get().add(self.at + self.length);
            ptr::copy_nonoverlapping(piece.as_ptr(), end, piece.len());
        }
        self.length += piece.len();
    }

    /// Add as much of `piece` as fits, and mark that the rest is missing.
    fn push_cut(&mut self, piece: &str) {
        let mut end = self.limit - self.length;
        while !piece.is_char_boundary(end) {
            end -= 1;
        }
        self.push(&piece[..end]);
        let kept = self.limit - CUT.len();
        if self.length > kept {
            self.length = kept;
            let start = unsafe { AREA.at.get().add(self.at) };
            while unsafe { *start.add(self.length) } & 0xc0 == 0x80 {
                self.length -= 1;
            }
        }
        self.push(CUT);
        self.cut = true;
    }
}

impl Write for Text {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        if self.cut {
            return Ok(());
        }
        if piece.len() <= self.limit - self.length {
            self.push(piece);
        } else {
            self.push_cut(piece);
        }
        Ok(())
    }
}

/// Writes printed text into the area, one entry per line.
struct Printer;

impl Printer {
    /// Continue the current line, or begin one.
    fn add(&mut self, piece: &str) -> fmt::Result {
        if let Line::None = AREA.line.get() {
            AREA.begin_line();
        }
        if let Line::Open(mut text) = AREA.line.get() {
            text.write_str(piece)?;
            AREA.line.set(Line::Open(text));
        }
        Ok(())
    }
}

impl Write for Printer {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let mut rest = text;
        while let Some((line, after)) = rest.split_once('\n') {
            self.add(line)?;
            AREA.end_line();
            rest = after;
        }
        if rest.is_empty() {
            return Ok(());
        }
        self.add(rest)
    }
}
