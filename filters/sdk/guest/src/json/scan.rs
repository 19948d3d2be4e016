//! Finds bytes eight at a time: one at a time, the host's check for a timeout in each step costs more than the step.

/// A set of bytes: those that are one of `bytes` once the bits of `fold` are set.
#[derive(Clone, Copy)]
pub(crate) struct Set {
    bytes: [u8; 3],
    fold: u8,
}

/// What a bracket and its brace differ by.
const BRACE: u8 = 0x20;
/// What ends a string, or begins an escape in it.
pub(crate) const QUOTES: Set = Set { bytes: *b"\"\\\"", fold: 0 };
/// What ends a number or a word: a comma, `]` or `}`.
pub(crate) const DELIMITERS: Set = Set { bytes: *b",}}", fold: BRACE };
/// Brackets, braces, and what begins a string. (And 0x02, which is not in JSON.)
pub(crate) const STRUCTURE: Set = Set { bytes: *b"{}\"", fold: BRACE };

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

/// Where the first byte of a set is, from `at` on.
#[inline(always)]
pub(crate) fn find(text: &[u8], mut at: usize, set: Set) -> Option<usize> {
    while text.len() >= 8 && at <= text.len() - 8 {
        // It is in range; eight checked bytes become eight loads.
        let word = unsafe { (text.as_ptr().add(at) as *const u64).read_unaligned() };
        let word = u64::from_le(word) | each(set.fold);
        // Above the lowest one a mark may be wrong.
        let [first, second, third] = set.bytes;
        let marks = zeros(word ^ each(first)) | zeros(word ^ each(second)) | zeros(word ^ each(third));
        if marks != 0 {
            return Some(at + marks.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    let rest = text.get(at..)?;
    rest.iter().position(|byte| set.bytes.contains(&(byte | set.fold))).map(|found| at + found)
}

/// Eight times the same byte.
const fn each(byte: u8) -> u64 {
    byte as u64 * LOW
}

/// Marks the bytes that are zero, each in its highest bit.
#[inline(always)]
fn zeros(word: u64) -> u64 {
    word.wrapping_sub(LOW) & !word & HIGH
}
