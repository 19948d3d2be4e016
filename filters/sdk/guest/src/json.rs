//! Values of a JSON text, found by their path without reading more of it than necessary.

mod scan;
mod string;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::{self, Debug, Display, Formatter};
use std::panic::Location;
use std::str;

use self::string::{string, string_end};
use crate::trace;
use crate::value::Value;

/// The value at `path` in a JSON text: `json(value, "customer.city")`.
///
/// A path has names and indexes: `items[0].price`, `["a.b"].c`. The whole text is at the empty path. Of a name that
/// occurs twice the first one counts. What is behind the value is not looked at, not even whether it is JSON.
///
/// Panics if the path itself is not valid.
#[inline]
#[track_caller]
pub fn json<'a>(text: &'a (impl AsRef<[u8]> + ?Sized), path: &str) -> Json<'a> {
    reported("json", text.as_ref(), path)
}

/// The value at `path` in a JSON text, read by a call of `name`.
#[inline]
#[track_caller]
pub(crate) fn reported<'a>(name: &str, text: &'a [u8], path: &str) -> Json<'a> {
    Json::at(text).reported(name, path)
}

/// A value in a JSON text, or nothing.
#[derive(Clone, Copy)]
pub struct Json<'a> {
    /// The value and all that is behind it; empty if there is no value.
    text: &'a [u8],
}

impl<'a> Json<'a> {
    /// The value at a path from this one, as in `json`.
    #[inline]
    #[track_caller]
    pub fn get(self, path: &str) -> Json<'a> {
        self.reported("get", path)
    }

    #[inline]
    #[track_caller]
    fn reported(self, name: &str, path: &str) -> Json<'a> {
        let found = self.at_path(path);
        if trace::on() {
            found.report(Location::caller(), name, path);
        }
        found
    }

    #[cold]
    #[inline(never)]
    fn report(self, place: &Location<'_>, name: &str, path: &str) {
        let raw = Some(self.raw()).filter(|raw| !raw.is_empty());
        trace::report(place, name, path, raw);
    }

    #[track_caller]
    fn at_path(self, path: &str) -> Json<'a> {
        let mut found = self;
        let mut rest = path.strip_prefix('.').unwrap_or(path);
        while !rest.is_empty() {
            let (step, after) = match Step::first(rest) {
                Some(first) => first,
                None => invalid(path),
            };
            found = Json { text: step.from(found.text).unwrap_or_default() };
            rest = after;
        }
        found
    }

    /// Whether there is a value; `null` is one.
    pub fn exists(self) -> bool {
        !self.text.is_empty()
    }

    /// Whether the value is `null`.
    pub fn is_null(self) -> bool {
        self.token() == b"null"
    }

    /// The text, if the value is a string. It is allocated only if the string has escapes.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        let (raw, _) = string(self.text)?;
        raw.decoded()
    }

    /// The number, if the value is one.
    pub fn as_f64(self) -> Option<f64> {
        self.number()?.parse().ok()
    }

    /// The number, if the value is one without a fraction or an exponent, and fits.
    pub fn as_i64(self) -> Option<i64> {
        self.number()?.parse().ok()
    }

    /// Whether the value is `true`, if it is that or `false`.
    pub fn as_bool(self) -> Option<bool> {
        match self.token() {
            b"true" => Some(true),
            b"false" => Some(false),
            _ => None,
        }
    }

    /// The elements, if the value is an array; otherwise there are none.
    pub fn items(self) -> Items<'a> {
        Items { rest: inside(self.text, b'[').unwrap_or_default() }
    }

    /// The JSON text of the value; empty if there is none, or if it does not end.
    pub fn raw(self) -> &'a [u8] {
        let end = behind(self.text).map_or(self.text.len(), <[u8]>::len);
        &self.text[..self.text.len() - end]
    }

    /// The value at the start of a text.
    fn at(text: &'a [u8]) -> Self {
        let text = space(text);
        let starts = matches!(text, [b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' | b't' | b'f' | b'n', ..]);
        Json { text: if starts { text } else { &[] } }
    }

    /// What is written up to the next delimiter.
    fn token(self) -> &'a [u8] {
        let end = scan::find(self.text, 0, scan::DELIMITERS).unwrap_or(self.text.len());
        let length = self.text[..end].iter().rposition(|byte| !is_space(*byte)).map_or(0, |last| last + 1);
        &self.text[..length]
    }

    fn number(self) -> Option<&'a str> {
        let token = self.token();
        let digits = token.strip_prefix(b"-").unwrap_or(token);
        matches!(digits, [b'0'..=b'9', ..]).then(|| str::from_utf8(token).ok())?
    }
}

/// The elements of an array.
#[derive(Clone)]
pub struct Items<'a> {
    /// From the next element on; empty behind the last one.
    rest: &'a [u8],
}

impl<'a> Iterator for Items<'a> {
    type Item = Json<'a>;

    fn next(&mut self) -> Option<Json<'a>> {
        let item = Json::at(self.rest);
        self.rest = next(item.text).unwrap_or_default();
        item.exists().then(|| item)
    }
}

/// The text of a string, or the JSON of another value; nothing if there is no value.
impl Display for Json<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        match self.as_str() {
            Some(text) => Display::fmt(&text, formatter),
            None => Display::fmt(&String::from_utf8_lossy(self.raw()), formatter),
        }
    }
}

impl Debug for Json<'_> {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str(&String::from_utf8_lossy(self.raw()))
    }
}

/// As displayed.
impl Value for Json<'_> {
    fn with<R>(&self, then: impl FnOnce(&[u8]) -> R) -> R {
        match self.as_str() {
            Some(text) => then(text.as_bytes()),
            None => then(self.raw()),
        }
    }
}

/// Whether the value is a string with this text.
impl PartialEq<str> for Json<'_> {
    fn eq(&self, text: &str) -> bool {
        string(self.text).map_or(false, |(raw, _)| raw.is(text.as_bytes()))
    }
}

/// Whether the value is a string with this text.
impl PartialEq<&str> for Json<'_> {
    fn eq(&self, text: &&str) -> bool {
        self == *text
    }
}

/// Whether the value is this truth value.
impl PartialEq<bool> for Json<'_> {
    fn eq(&self, other: &bool) -> bool {
        self.as_bool() == Some(*other)
    }
}

impl PartialEq<f64> for Json<'_> {
    fn eq(&self, other: &f64) -> bool {
        self.as_f64() == Some(*other)
    }
}

/// What is not a number is neither less nor more.
impl PartialOrd<f64> for Json<'_> {
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        self.as_f64()?.partial_cmp(other)
    }
}

impl PartialEq<i64> for Json<'_> {
    fn eq(&self, other: &i64) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

/// Exact for whole numbers that fit.
impl PartialOrd<i64> for Json<'_> {
    fn partial_cmp(&self, other: &i64) -> Option<Ordering> {
        match self.as_i64() {
            Some(number) => Some(number.cmp(other)),
            None => self.partial_cmp(&(*other as f64)),
        }
    }
}

/// A number without a suffix is an `i32`.
impl PartialEq<i32> for Json<'_> {
    fn eq(&self, other: &i32) -> bool {
        *self == i64::from(*other)
    }
}

impl PartialOrd<i32> for Json<'_> {
    fn partial_cmp(&self, other: &i32) -> Option<Ordering> {
        self.partial_cmp(&i64::from(*other))
    }
}

#[cold]
#[track_caller]
fn invalid(path: &str) -> ! {
    panic!("{:?} is not a path: write names and indexes, e.g. \"items[0].price\"", path)
}

/// A part of a path.
enum Step<'p> {
    Name(&'p str),
    Index(usize),
}

impl<'p> Step<'p> {
    /// The first step of a path, and the path behind it.
    fn first(path: &'p str) -> Option<(Self, &'p str)> {
        let (step, rest) = if let Some(quoted) = path.strip_prefix("[\"") {
            let (name, rest) = quoted.split_once("\"]")?;
            (Step::Name(name), rest)
        } else if let Some(index) = path.strip_prefix('[') {
            let (index, rest) = index.split_once(']')?;
            (Step::Index(index.parse().ok()?), rest)
        } else {
            let end = path.bytes().position(|byte| matches!(byte, b'.' | b'[')).unwrap_or(path.len());
            let (name, rest) = path.split_at(end);
            (Some(name).filter(|name| !name.is_empty()).map(Step::Name)?, rest)
        };
        match rest.as_bytes() {
            [] | [b'[', ..] => Some((step, rest)),
            [b'.', _, ..] => Some((step, &rest[1..])),
            _ => None,
        }
    }

    /// The text from the value of this step on.
    fn from<'a>(&self, text: &'a [u8]) -> Option<&'a [u8]> {
        match *self {
            Step::Name(name) => member(text, name.as_bytes()),
            Step::Index(index) => Items { rest: inside(text, b'[')? }.nth(index).map(|item| item.text),
        }
    }
}

/// The text from an object's value of this name on.
#[inline]
fn member<'a>(text: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let mut rest = inside(text, b'{')?;
    loop {
        let (key, after) = string(rest)?;
        let value = Json::at(behind_byte(space(after), b':')?).text;
        if key.is(name) {
            return Some(value);
        }
        rest = next(value)?;
    }
}

/// The text behind the bracket that a container begins with.
#[inline]
fn inside(text: &[u8], bracket: u8) -> Option<&[u8]> {
    behind_byte(text, bracket).map(space)
}

/// The text behind a value and the comma that follows it.
#[inline]
fn next(value: &[u8]) -> Option<&[u8]> {
    behind_byte(space(behind(value)?), b',').map(space)
}

#[inline(always)]
fn behind_byte(text: &[u8], wanted: u8) -> Option<&[u8]> {
    match text {
        [byte, rest @ ..] if *byte == wanted => Some(rest),
        _ => None,
    }
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[inline]
fn space(text: &[u8]) -> &[u8] {
    match text {
        [first, ..] if !is_space(*first) => text,
        _ => &text[text.iter().position(|byte| !is_space(*byte)).unwrap_or(text.len())..],
    }
}

/// The text behind a value; nothing if it does not end.
fn behind(value: &[u8]) -> Option<&[u8]> {
    match value.first()? {
        b'"' => string(value).map(|(_, rest)| rest),
        b'{' | b'[' => behind_container(value),
        _ => Some(&value[scan::find(value, 0, scan::DELIMITERS).unwrap_or(value.len())..]),
    }
}

fn behind_container(value: &[u8]) -> Option<&[u8]> {
    let (mut at, mut depth) = (0, 0);
    loop {
        at = scan::find(value, at, scan::STRUCTURE)?;
        match value[at] {
            b'"' => at = string_end(value, at)?.0,
            b'{' | b'[' => depth += 1,
            _ => depth -= 1,
        }
        at += 1;
        if depth == 0 {
            return Some(&value[at..]);
        }
    }
}
