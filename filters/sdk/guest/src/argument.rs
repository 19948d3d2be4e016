//! What a function of a SmartStream may take.

use std::fmt::Display;
use std::str;

use crate::area;
use crate::data::RecordData;
use crate::record::{Record, SmartModuleRecord};

/// A record as an argument. For any other type the compiler lists those below.
pub trait Argument<'a>: Sized {
    fn of_record(record: &'a SmartModuleRecord) -> Result<Self, Unreadable<'a>>;
}

/// The aggregate's value so far as an argument. For any other type the compiler lists those below.
pub trait Accumulator<'a>: Sized {
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>>;
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
        str::from_utf8(&record.value).map_err(|error| unreadable(None, "UTF-8 text", error))
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
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        Ok(bytes)
    }
}

impl<'a> Accumulator<'a> for &'a str {
    #[inline(always)]
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        str::from_utf8(bytes).map_err(|error| unreadable(Some(bytes), "UTF-8 text", error))
    }
}

impl<'a> Accumulator<'a> for String {
    #[inline(always)]
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        <&str>::of_bytes(bytes).map(String::from)
    }
}

impl<'a> Accumulator<'a> for Vec<u8> {
    #[inline(always)]
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        Ok(bytes.into())
    }
}

impl<'a> Accumulator<'a> for RecordData {
    #[inline(always)]
    fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
        Ok(bytes.into())
    }
}

// An aggregate begins with no bytes unless its consumer says otherwise: the type's default.
macro_rules! parsed {
    ($($type:ident)*) => { $(
        impl<'a> Accumulator<'a> for $type {
            #[inline(always)]
            fn of_bytes(bytes: &'a [u8]) -> Result<Self, Unreadable<'a>> {
                if bytes.is_empty() {
                    return Ok($type::default());
                }
                let wanted = concat!("of type ", stringify!($type));
                <&str>::of_bytes(bytes)?.parse().map_err(|error: <$type as str::FromStr>::Err| unreadable(Some(bytes), wanted, error))
            }
        }
    )* };
}

parsed!(i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool);
