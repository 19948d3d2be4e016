//! What a function of a SmartStream may take.

use std::fmt::Display;
use std::str::FromStr;

use crate::area;
use crate::data::RecordData;
use crate::record::{Record, SmartModuleRecord};
use crate::text::text;

/// A record as an argument. For any other type the compiler lists those below.
pub trait Argument<'a>: Sized {
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>>;
}

/// The aggregate's value so far as an argument. For any other type the compiler lists those below.
pub trait Accumulator<'a>: Sized {
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>>;
}

/// The aggregate's value so far.
#[derive(Clone, Copy)]
pub struct Accumulated<'a> {
    pub bytes: &'a [u8],
    /// What the bytes are the text of, if the function returned a number: reading it would take longer than adding.
    pub number: Option<i64>,
}

/// Why a record is an error before the function sees it.
pub struct Unreadable<'a> {
    /// The bytes, if they are the accumulator's.
    accumulator: Option<&'a [u8]>,
    wanted: &'static str,
    error: String,
}

impl Unreadable<'_> {
    #[cold]
    pub fn report(&self) {
        match self.accumulator.map(String::from_utf8_lossy) {
            Some(text) => {
                area::error(format_args!("the accumulator {:?} is not {}: {}", text, self.wanted, self.error))
            }
            None => area::error(format_args!("the value is not {}: {}", self.wanted, self.error)),
        }
    }
}

#[cold]
fn unreadable<'a>(
    accumulator: Option<&'a [u8]>,
    wanted: &'static str,
    error: impl Display,
) -> Unreadable<'a> {
    Unreadable { accumulator, wanted, error: error.to_string() }
}

impl<'a> Argument<'a> for &'a [u8] {
    #[inline(always)]
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>> {
        Ok(&record.value)
    }
}

impl<'a> Argument<'a> for &'a str {
    #[inline(always)]
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>> {
        text(&record.value).map_err(|error| unreadable(None, "UTF-8 text", error))
    }
}

impl<'a> Argument<'a> for &'a Record {
    #[inline(always)]
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>> {
        Ok(record.plain())
    }
}

impl<'a> Argument<'a> for &'a SmartModuleRecord {
    #[inline(always)]
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>> {
        Ok(record)
    }
}

impl<'a> Accumulator<'a> for &'a [u8] {
    #[inline(always)]
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
        Ok(value.bytes)
    }
}

impl<'a> Accumulator<'a> for &'a str {
    #[inline(always)]
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
        text(value.bytes).map_err(|error| unreadable(Some(value.bytes), "UTF-8 text", error))
    }
}

impl<'a> Accumulator<'a> for String {
    #[inline(always)]
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
        <&str>::of_value(value).map(String::from)
    }
}

impl<'a> Accumulator<'a> for Vec<u8> {
    #[inline(always)]
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
        Ok(value.bytes.into())
    }
}

impl<'a> Accumulator<'a> for RecordData {
    #[inline(always)]
    fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
        Ok(value.bytes.into())
    }
}

// An aggregate begins with no bytes unless its consumer says otherwise: the type's default.
macro_rules! parsed {
    ($known:ident: $($type:ident)*) => { $(
        impl<'a> Accumulator<'a> for $type {
            #[inline(always)]
            fn of_value(value: Accumulated<'a>) -> Result<Self, Unreadable<'a>> {
                match $known(value.number) {
                    Some(number) => Ok(number),
                    None if value.bytes.is_empty() => Ok($type::default()),
                    None => parse(value, concat!("of type ", stringify!($type))),
                }
            }
        }
    )* };
}

parsed!(whole: i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize);
parsed!(none: f32 f64 bool);

#[inline(always)]
fn whole<T: TryFrom<i64>>(number: Option<i64>) -> Option<T> {
    number?.try_into().ok()
}

#[inline(always)]
fn none<T>(_: Option<i64>) -> Option<T> {
    None
}

#[inline(never)]
fn parse<'a, T>(value: Accumulated<'a>, wanted: &'static str) -> Result<T, Unreadable<'a>>
where
    T: FromStr,
    T::Err: Display,
{
    <&str>::of_value(value)?.parse().map_err(|error| unreadable(Some(value.bytes), wanted, error))
}
