//! Strings of a JSON text.

use std::borrow::Cow;
use std::str;

use super::scan;

/// Where the string that starts at `at` has its second quote, and whether it has escapes.
#[inline]
pub(super) fn string_end(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let (mut at, mut escaped) = (at + 1, false);
    loop {
        at = scan::find(text, at, scan::QUOTES)?;
        if text[at] == b'"' {
            return Some((at, escaped));
        }
        escaped = true;
        at += 2;
    }
}

/// What is between the quotes of a string.
#[derive(Clone, Copy)]
pub(super) struct Raw<'a> {
    bytes: &'a [u8],
    escaped: bool,
}

/// The string at the start of a text, and what is behind it.
#[inline]
pub(super) fn string(text: &[u8]) -> Option<(Raw<'_>, &[u8])> {
    if *text.first()? != b'"' {
        return None;
    }
    let (end, escaped) = string_end(text, 0)?;
    Some((Raw { bytes: &text[1..end], escaped }, &text[end + 1..]))
}

impl<'a> Raw<'a> {
    #[inline]
    pub(super) fn is(self, text: &[u8]) -> bool {
        if self.escaped {
            return self.decoded().map_or(false, |decoded| decoded.as_bytes() == text);
        }
        self.bytes == text
    }

    /// The text; nothing if it is not UTF-8, or if an escape is not valid.
    #[inline]
    pub(super) fn decoded(self) -> Option<Cow<'a, str>> {
        let text = str::from_utf8(self.bytes).ok()?;
        if self.escaped {
            return unescaped(text).map(Cow::Owned);
        }
        Some(Cow::Borrowed(text))
    }
}

#[cold]
fn unescaped(text: &str) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((plain, escape)) = rest.split_once('\\') {
        decoded.push_str(plain);
        let letter = escape.chars().next()?;
        rest = &escape[letter.len_utf8()..];
        decoded.push(match letter {
            '"' | '\\' | '/' => letter,
            'b' => '\u{8}',
            'f' => '\u{c}',
            'n' => '\n',
            'r' => '\r',
            't' => '\t',
            'u' => {
                let high = unit(rest)?;
                rest = &rest[4..];
                let low =
                    rest.strip_prefix("\\u").and_then(unit).filter(|low| matches!(low, 0xdc00..=0xdfff));
                match (high, low) {
                    (0xd800..=0xdbff, Some(low)) => {
                        rest = &rest[6..];
                        char::from_u32(0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00))?
                    }
                    // Half a pair is no character.
                    _ => char::from_u32(high).unwrap_or(char::REPLACEMENT_CHARACTER),
                }
            }
            _ => return None,
        });
    }
    decoded.push_str(rest);
    Some(decoded)
}

/// The four digits after `\u`.
fn unit(text: &str) -> Option<u32> {
    let digits = text.get(..4).filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
    u32::from_str_radix(digits, 16).ok()
}
